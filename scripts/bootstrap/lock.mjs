// One set-up at a time in a checkout: `npm test` in one terminal and `npm run demo` in another must not install at once.
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';

// Longer than any set-up takes: after a restart of the machine the holder's id may belong to somebody else.
const abandonedAfterMs = 15 * 60_000;

/**
 * Runs `work` while no other process does the same with this file. A lock whose holder is gone is taken over.
 *
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(file, work) {
  mkdirSync(dirname(file), { recursive: true });
  for (let tries = 0; !take(file); tries++) {
    const holder = holderOf(file);
    if (holder === undefined || isAbandoned(file, holder)) rmSync(file, { force: true });
    else if (tries === 0) console.error(`waiting for process ${holder}, which is setting this checkout up (${file})`);
    await setTimeout(100);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** @param {string} file */
function take(file) {
  // A link appears with its content or not at all: nobody reads a lock that does not name its holder yet.
  const own = `${file}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

/** @param {string} file */
function holderOf(file) {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * @param {string} file
 * @param {number} holder
 */
function isAbandoned(file, holder) {
  try {
    process.kill(holder, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return true;
  }
  const taken = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  return taken !== undefined && Date.now() - taken > abandonedAfterMs;
}
