/**
 * One life of a worker: checks what the life before left, goes on with it, and works until it is killed.
 * `node worker.js <folder> <life> <work|finish>`; where its store lies and the lab's journal of all lives so far are in the folder.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Checkpointer } from '@cairn/checkpoint-core';
import { checkStore } from './check/check-store.js';
import type { Line } from './life/lines.js';
import { say } from './life/say.js';
import { TellingSaver } from './life/telling-saver.js';
import { leaseLoop } from './loops/leases.js';
import { saveLoop } from './loops/saves.js';
import { threadLoop } from './loops/threads.js';
import type { Shape } from './shapes/shape.js';
import { makeShapes } from './shapes/shapes.js';
import { openSaver, type StoreLocation } from './stores/location.js';

const [, , folder = '', life = '0', mode = 'work'] = process.argv;
const location = JSON.parse(readFileSync(join(folder, 'location'), 'utf8')) as StoreLocation;
/** More than any kill needs: a worker that comes to its end was not killed, and the lab says so. */
const rounds = 60;

const saver = new TellingSaver(openSaver(location), Number(life) * 1_000_000);
const shapes = makeShapes(saver, {
  happen: (step) => appendFileSync(join(folder, 'ledger'), `${step}\n`),
  recorded: (step) => say({ say: 'recorded', step }),
  began: (threadId) => say({ say: 'began', threadId }),
});

await saver.setup();
const journal = readJournal();
await check();
await goOnWithAll();
if (mode === 'work') for (let round = 0; round < rounds; round += 1) await work(round);
await saver.close();

function readJournal(): Line[] {
  const path = join(folder, 'journal');
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

async function check(): Promise<void> {
  const { broken, ...found } = await checkStore(location, saver, journal);
  for (const what of broken) say({ say: 'broken', what });
  say({ say: 'found', ...found });
}

/** Brings every thread of a graph to its end, from wherever the lives before left it. */
async function goOnWithAll(): Promise<void> {
  const ended = new Set(journal.map((line) => (line.say === 'ended' ? line.threadId : undefined)));
  const left: [Shape, string][] = [];
  for await (const { threadId } of new Checkpointer({ saver }).listThreads()) {
    const shape = shapes.find(({ name }) => threadId.startsWith(`${name}-`));
    if (shape && !ended.has(threadId)) left.push([shape, threadId]);
  }
  // Side by side, so that their commits share transactions.
  await Promise.all(left.map(([shape, threadId]) => drive(shape, threadId)));
}

async function work(round: number): Promise<void> {
  const id = `${life}-${round}`;
  await Promise.all([...shapes.map((shape) => drive(shape, `${shape.name}-${id}`)), saveLoop(saver, `saves-${id}`)]);
  await threadLoop(saver, `threads-${id}`);
  for (const what of await leaseLoop(saver, `leases-${id}`)) say({ say: 'broken', what });
}

async function drive(shape: Shape, threadId: string): Promise<void> {
  say({ say: 'ended', threadId, shape: shape.name, end: await shape.drive(threadId) });
}
