/** Addresses that no server can have are said to be wrong at once, not tried for as long as a server may be away. */
import { PostgresSaver } from '@cairn/saver-postgres';
import { expect, it } from 'vitest';
import { errorOf } from './fixtures/outcomes.js';

const read = async (connectionString: string) => {
  await using saver = new PostgresSaver({ connectionString });
  return errorOf(saver.get({ threadId: 'thread', namespace: [] }));
};

it.each(['postgresql://user:secret@localhost:99999/app', 'postgresql://user:secret@[::1/app'])(
  'the address %s is an invalid argument, and no password is shown',
  async (address) => {
    const error = await read(address);
    expect(error.code).toBe('CAIRN_INVALID_ARGUMENT');
    expect(error.message).toContain('connectionString');
    expect(`${error.message} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain('secret');
  },
);

it.each([
  'app',
  'db.example:5432/app',
  'user:secret@db.example/app',
  'mysql://user:secret@db.example/app',
  'postgresql:app',
  '',
])(
  'the text "%s" is refused by the constructor: the driver would look for a host that nobody meant',
  (connectionString) => {
    const refused = expect.objectContaining({
      code: 'CAIRN_INVALID_ARGUMENT',
      message: expect.stringMatching(/^connectionString(?!.*secret).*postgresql:\/\//),
    });
    expect(() => new PostgresSaver({ connectionString })).toThrow(refused);
  },
);

it.each(['postgres://localhost/app', 'PostgreSQL://localhost', 'socket:/run/postgresql?db=app', '/run/postgresql app'])(
  'the address %s is taken',
  (connectionString) => {
    expect(() => new PostgresSaver({ connectionString })).not.toThrow();
  },
);

it('a certificate whose file is missing is named, and is no reason to try again', async () => {
  const error = await read('postgresql://localhost/app?sslmode=verify-full&sslrootcert=/no/such/file.pem');
  expect(error).toMatchObject({ code: 'CAIRN_SAVER_UNAVAILABLE', retryable: false });
  expect(error.message).toContain('/no/such/file.pem');
});
