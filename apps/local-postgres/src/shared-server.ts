/**
 * One server for a whole test run, started by whoever asks first: a run that needs none starts none. The run's main process
 * keeps it; workers and their child processes ask at an address that they inherit in their environment.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { type LocalPostgres, startPostgres } from './start-postgres.js';

const variable = 'CAIRN_SHARED_POSTGRES';

type Answer = { readonly connectionString: string } | { readonly failure: string };

/** Answers who asks from now on. @returns what stops the server, if it was ever started. */
export async function serveShared(): Promise<() => Promise<void>> {
  let started: Promise<LocalPostgres> | undefined;
  const door = createServer(async (socket) => {
    socket.on('error', () => {});
    started ??= startPostgres();
    const answer: Answer = await started.then(
      ({ connectionString }) => ({ connectionString }),
      (error: unknown) => ({ failure: String(error) }),
    );
    socket.end(JSON.stringify(answer));
  });
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  door.unref();
  process.env[variable] = String((door.address() as AddressInfo).port);
  return async () => {
    delete process.env[variable];
    door.close();
    await started?.then(
      (server) => server.stop(),
      () => {},
    );
  };
}

/** The shared server's address; outside of a test run, that of one which ends with this process. */
export async function askShared(): Promise<string> {
  const port = process.env[variable];
  if (port === undefined) return (await startPostgres()).connectionString;
  const answer = JSON.parse(await text(connect(Number(port), '127.0.0.1'))) as Answer;
  if ('failure' in answer) throw new Error(answer.failure);
  return answer.connectionString;
}
