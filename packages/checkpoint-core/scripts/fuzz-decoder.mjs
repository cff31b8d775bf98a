// Feeds the built decoder hostile inputs: `node scripts/fuzz-decoder.mjs [--runs 1000000] [--rows 100000] [--seed 1]`. Each must
// give a value or CorruptCheckpointError, soon and in little room; so must stored rows, sealed and compressed, when they are
// loaded. A thread does the reading, so that one that hangs is noticed.
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Checkpointer, createCairnSerializer } from '@cairn/checkpoint-core';
import { decodeHostile, drawFrom, hostileInput, mutatedInput, roomTaken } from '../test/fixtures/fuzz.ts';
import { mostRoom, RowFuzz } from '../test/fixtures/fuzz-rows.ts';
import { values as fixtures } from '../test/fixtures/values.ts';

const batchSize = 10_000;
const longestBatchMs = 60_000;
/**
 * Room allowed for an input: an error with its stack and its text, and so many bytes for each byte of input. 60,000 inputs of
 * seed 1 took 522 kB at most; twice that is for what the engine itself takes between the two measurements, such as compiled code.
 */
const room = { fixed: 1_000_000, perByte: 100 };

if (isMainThread) {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '1000000' },
      rows: { type: 'string', default: '100000' },
      seed: { type: 'string', default: '1' },
    },
  });
  await watch('inputs', Number(values.runs), Number(values.seed));
  await watch('rows', Number(values.rows), Number(values.seed));
} else {
  await (workerData.what === 'rows' ? loadBatches(workerData) : decodeBatches(workerData));
}

/** @param {'inputs' | 'rows'} what @param {number} runs @param {number} seed */
async function watch(what, runs, seed) {
  const started = performance.now();
  const worker = new Worker(new URL(import.meta.url), {
    workerData: { what, runs, seed },
    resourceLimits: { maxOldGenerationSizeMb: 256 },
  });
  const totals = { runs: 0, read: 0, mostRoom: 0, slowestMs: 0 };
  /** @type {NodeJS.Timeout | undefined} */
  let alarm;
  const wind = () => {
    clearTimeout(alarm);
    alarm = setTimeout(() => {
      fail(`One of the ${batchSize} ${what} after the first ${totals.runs} of seed ${seed} hangs the decoder.`);
      void worker.terminate();
    }, longestBatchMs);
  };
  wind();
  worker.on('message', (batch) => {
    wind();
    totals.runs += batch.runs;
    totals.read += batch.read;
    totals.mostRoom = Math.max(totals.mostRoom, batch.mostRoom);
    totals.slowestMs = Math.max(totals.slowestMs, batch.slowestMs);
  });
  worker.on('error', (error) => fail(`After ${totals.runs} ${what} of seed ${seed}: ${error.stack}`));
  await new Promise((resolve) => worker.on('exit', resolve));
  clearTimeout(alarm);
  const seconds = ((performance.now() - started) / 1_000).toFixed(0);
  console.log(
    `${totals.runs} hostile ${what} (seed ${seed}) in ${seconds} s: ${totals.read} read as values, the others refused as damaged. ` +
      `Most room for one: ${Math.round(totals.mostRoom / 1_000)} kB; slowest: ${totals.slowestMs.toFixed(1)} ms.`,
  );
  if (totals.runs < runs) process.exitCode = 1;
}

/** @param {string} what */
function fail(what) {
  console.error(what);
  process.exitCode = 1;
}

/** @param {{ runs: number, seed: number }} what */
function decodeBatches({ runs, seed }) {
  const serializer = createCairnSerializer();
  const encodings = fixtures.map(({ make }) => serializer.encode(make())).filter(({ length }) => length < 5_000);
  const draw = drawFrom(seed);
  for (let done = 0; done < runs; done += batchSize) {
    const batch = { runs: Math.min(batchSize, runs - done), read: 0, mostRoom: 0, slowestMs: 0 };
    for (let i = 0; i < batch.runs; i += 1) decodeOne(serializer, hostileInput(draw, encodings), batch);
    parentPort?.postMessage(batch);
  }
}

/**
 * @param {import('@cairn/checkpoint-core').Serializer} serializer
 * @param {Uint8Array} bytes
 * @param {{ read: number, mostRoom: number, slowestMs: number }} batch counts the outcome
 */
function decodeOne(serializer, bytes, batch) {
  const started = performance.now();
  try {
    const outcome = decodeHostile(serializer, bytes);
    if (outcome.isValue) batch.read += 1;
    batch.mostRoom = Math.max(batch.mostRoom, outcome.room);
    if (outcome.room > room.fixed + room.perByte * bytes.length) throw new Error(`It took ${outcome.room} bytes.`);
  } catch (cause) {
    throw new Error(`The input ${Buffer.from(bytes).toString('hex')} broke the decoder: ${cause}`, { cause });
  }
  batch.slowestMs = Math.max(batch.slowestMs, performance.now() - started);
}

/** @param {{ runs: number, seed: number }} what */
async function loadBatches({ runs, seed }) {
  const rows = await RowFuzz.on(Checkpointer, { mutatedInput, roomTaken });
  const draw = drawFrom(seed);
  for (let done = 0; done < runs; done += batchSize) {
    const batch = { runs: Math.min(batchSize, runs - done), read: 0, mostRoom: 0, slowestMs: 0 };
    for (let i = 0; i < batch.runs; i += 1) await loadOne(rows, rows.next(draw), batch);
    parentPort?.postMessage(batch);
  }
}

/**
 * @param {RowFuzz} rows
 * @param {ReturnType<RowFuzz['next']>} hostile
 * @param {{ read: number, mostRoom: number, slowestMs: number }} batch counts the outcome
 */
async function loadOne(rows, { stored, bytes }, batch) {
  const started = performance.now();
  try {
    const outcome = await rows.load(stored);
    if (outcome.isValue) batch.read += 1;
    batch.mostRoom = Math.max(batch.mostRoom, outcome.room);
    if (outcome.room > mostRoom(bytes.length)) throw new Error(`It took ${outcome.room} bytes.`);
  } catch (cause) {
    throw new Error(`The row ${Buffer.from(bytes).toString('hex')} broke a load: ${cause}`, { cause });
  }
  batch.slowestMs = Math.max(batch.slowestMs, performance.now() - started);
}
