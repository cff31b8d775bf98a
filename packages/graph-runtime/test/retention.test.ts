/**
 * Retention under runs: a thread pruned at any point of a run that asks, forks and nests goes on like one that was not. The
 * long form, every point on every store: `npm run fuzz -- retention`.
 */
import { Checkpointer, type CheckpointSaver, hasCode, type RetentionPolicy } from '@cairn/checkpoint-core';
import { MemorySaver } from '@cairn/saver-memory';
import { describe, expect, it } from 'vitest';
import { all } from './fixtures/all.js';
import { BOOKMARK, liveNested, threadId } from './fixtures/nested-life.js';
import { mortalSaver } from './fixtures/random-graphs/mortal-saver.js';
import { stores } from './fixtures/stores.js';

/** The head, and where the life goes back to. */
const retention: RetentionPolicy = {
  keepLast: 1,
  keep: ({ namespace, seq }) => namespace.length === 0 && seq === BOOKMARK,
};

const isLong = process.env['CAIRN_RETENTION_POINTS'] === 'all';
/** Each so manyth write is one after which a process dies. */
const deaths: Readonly<Record<string, number>> = isLong ? {} : { memory: 41, sqlite: 71, postgres: 151 };
/** Each so manyth write is one after which a living process is pruned. */
const prunes: Readonly<Record<string, number>> = isLong ? {} : { sqlite: 3, postgres: 13 };

/** A task of the same superstep may write while the rows are walked: then they are walked again. */
async function faultsOf(saver: CheckpointSaver): Promise<string[]> {
  for (;;) {
    try {
      return (await all(new Checkpointer({ saver }).verify({ threadId }))).map(({ message }) => message);
    } catch (error) {
      if (!hasCode(error, 'CAIRN_SAVER_UNAVAILABLE') || !error.retryable) throw error;
    }
  }
}

/** Calls `after` once each write is stored, before its caller is told. */
function watched(inner: CheckpointSaver, after: () => Promise<void>): CheckpointSaver {
  return new Proxy(inner, {
    get(target, property) {
      const member: unknown = Reflect.get(target, property, target);
      if (typeof member !== 'function') return member;
      if (property !== 'put' && property !== 'putWrites') return member.bind(target);
      return async (...args: unknown[]) => {
        await member.apply(target, args);
        await after();
      };
    },
  });
}

const immortal = (saver: CheckpointSaver) => ({
  saver: () => saver,
  isDead: () => false,
  revive: async () => undefined,
});

/** Dies at one write, which is stored, and `between` is called before it goes on; the lease of the dead is given up. */
async function liveKilled(inner: CheckpointSaver, after: number, between: () => Promise<void>) {
  let { saver, isDead } = mortalSaver(inner, { after, stored: true });
  let died = false;
  const seen = await liveNested({
    saver: () => saver,
    isDead: () => isDead(),
    revive: async () => {
      died = true;
      ({ saver, isDead } = mortalSaver(inner, undefined));
      const lease = await inner.acquireLease(threadId, { holder: 'next', ttlMs: 1_000, replace: true });
      await inner.releaseLease(lease);
      await between();
    },
  });
  return { seen, died };
}

describe.each(stores)('on $name', ({ name, open }) => {
  it('a run that is pruned after each of its writes comes to what an unpruned one does', {
    timeout: 60_000,
  }, async () => {
    const unpruned = await liveNested(immortal(new MemorySaver()));
    const saver = open();
    const checkpointer = new Checkpointer({ saver });
    const faults: string[] = [];
    let writes = 0;
    let dropped = 0;
    const pruneAndVerify = async () => {
      if (writes++ % (prunes[name] ?? 1) !== 0) return;
      dropped += (await checkpointer.prune({ threadId, retention })).checkpoints;
      faults.push(...(await faultsOf(saver)));
    };
    expect(await liveNested(immortal(watched(saver, pruneAndVerify)))).toEqual(unpruned);
    expect(faults).toEqual([]);
    expect(dropped).toBeGreaterThan(20);
    await checkpointer.prune({ threadId, retention });
    const left = await all(checkpointer.infos({ threadId }));
    expect(left.map(({ seq }) => seq)).toEqual([left[0]?.seq, BOOKMARK]);
  });

  it('a run that died at any of its writes, and was pruned then, resumes like one that was not', {
    timeout: isLong ? 3_600_000 : 60_000,
  }, async () => {
    let tried = 0;
    const [untouched, saver] = [open(), open()];
    for (let after = 0; ; after += deaths[name] ?? 1) {
      // What a death leads to, such as input that is given again, is the same in both.
      const unpruned = await liveKilled(untouched, after, async () => undefined);
      if (!unpruned.died) break;
      const faults: string[] = [];
      const pruned = await liveKilled(saver, after, async () => {
        // All threads: the one may not be there yet.
        await new Checkpointer({ saver }).prune({ retention });
        faults.push(...(await faultsOf(saver)));
      });
      expect({ after, ...pruned, faults }).toEqual({ after, ...unpruned, faults: [] });
      for (const each of [untouched, saver]) await each.deleteThread(threadId);
      tried += 1;
    }
    expect(tried).toBeGreaterThan(1);
  });
});
