/** What `repair` promises, damage by damage; repair-damage.test.ts tries all of them. */
import { readFileSync } from 'node:fs';
import {
  Checkpointer,
  exportThreads,
  importThreads,
  QuarantineFile,
  type RawRecord,
  registerClass,
} from '@cairn/checkpoint-core';
import { describe, expect, it } from 'vitest';
import { SqliteSaver } from '../src/index.js';
import { damaged, damageInPlace, flip, headRecord } from './fixtures/mended-store.js';
import { collect, errorOf } from './fixtures/outcomes.js';
import { startChild } from './fixtures/processes.js';
import { temporaryFile } from './fixtures/temporary-file.js';

describe('a repair', () => {
  it('goes back to the last whole checkpoint, names what it set aside and where, and the thread goes on', async () => {
    await using store = await damaged(headRecord);
    const { checkpointer, quarantine, repair, verify } = store;
    const lines = await collect(exportThreads(store.saver, { threadId: 'a' }));
    const [second] = await collect(
      checkpointer.history({ threadId: 'a', before: await headOf(checkpointer), limit: 1 }),
    );

    const [report, ...others] = await repair();
    expect(others).toEqual([]);
    expect(report).toMatchObject({ threadId: 'a', outcome: 'repaired', missingRows: 0, left: [], refusal: undefined });
    expect(report?.quarantine).toBe(`${quarantine}, lines 2 to ${lines.length - 1}`);
    expect(report?.setAside.map(({ kind, seq, key }) => `${kind} ${seq ?? key ?? ''}`)).toEqual([
      'thread ',
      'stream 3',
      'checkpoint 3',
      'record 3',
      'record 3',
      'write step/look',
      'write step/look',
    ]);
    const heads = report?.heads.map(({ namespace, seq, was }) => [namespace, was?.seq, seq]);
    expect(heads).toEqual([
      [['inner'], 2, 2],
      [[], 3, 2],
    ]);
    const kept = readFileSync(quarantine, 'utf8').trim().split('\n');
    expect(kept).toEqual(lines);
    // It can be looked at with every command, in a store of its own.
    await using look = new SqliteSaver(temporaryFile('look.db'));
    expect(await importThreads(look, kept)).toMatchObject({ threads: 1 });
    expect((await new Checkpointer({ saver: look }).salvage({ threadId: 'a' })).checkpoint).toEqual(second);

    expect(await verify()).toEqual([]);
    const loaded = await checkpointer.load({ threadId: 'a' });
    expect(loaded).toEqual(second);
    const saved = await checkpointer.save({
      threadId: 'a',
      values: { round: 33 },
      parentId: loaded?.checkpointId ?? '',
    });
    expect(saved.seq).toBe(3);
    expect(await verify()).toEqual([]);
  });

  it('keeps a checkpoint whose pending write is damaged, sets that write aside, and keeps the other', async () => {
    await using store = await damaged(
      `UPDATE cairn_writes SET bytes = ${flip('bytes')} WHERE thread_id = 'a' AND task_id = 't1'`,
    );
    const [report] = await store.repair();
    expect(report?.setAside).toMatchObject([{ kind: 'thread' }, { kind: 'write', taskId: 't1', key: 'step/look' }]);
    const head = await store.checkpointer.read({ threadId: 'a', namespace: [] });
    expect(head?.seq).toBe(3);
    expect(head?.writes).toEqual([{ taskId: 't2', key: 'step/look', value: ['a', 't2'] }]);
    expect(await store.verify()).toEqual([]);
  });

  it('of a lost pending write says that one row is missing, and counts anew', async () => {
    await using store = await damaged(`DELETE FROM cairn_writes WHERE thread_id = 'a' AND task_id = 't1'`);
    expect(await store.verify()).not.toEqual([]);
    const [report] = await store.repair();
    expect(report).toMatchObject({ outcome: 'repaired', missingRows: 1 });
    expect((await store.checkpointer.read({ threadId: 'a', namespace: [] }))?.writes).toHaveLength(1);
    expect(await store.verify()).toEqual([]);
  });

  it('makes lost rows of threads and streams anew, also where a copy is bound to another thread', async () => {
    await using store = await damaged('SELECT 1');
    await store.checkpointer.copyThread('a', 'copy');
    damageInPlace(
      store.path,
      `DELETE FROM cairn_subgraph_streams; UPDATE cairn_threads SET last_seq = NULL, head_id = NULL;
        UPDATE cairn_threads SET origin = 'x' WHERE thread_id = 'a'`,
    );
    const reports = await store.repair();
    expect(reports.map(({ threadId, outcome }) => [threadId, outcome])).toEqual([
      ['a', 'repaired'],
      ['b', 'repaired'],
      ['copy', 'repaired'],
    ]);
    expect(await store.verify()).toEqual([]);
    const states = await Promise.all(['a', 'copy'].map((threadId) => store.checkpointer.load({ threadId })));
    expect(states[0]?.values).toEqual(states[1]?.values);
    expect(states[0]?.values).toMatchObject({ round: 3 });
  });

  it('goes back to before the record that all later ones rest on', async () => {
    await using store = await damaged('SELECT 1');
    const list: string[] = [];
    for (let round = 1; round <= 8; round += 1) {
      list.push(`message ${round}`.repeat(20));
      await store.checkpointer.save({ threadId: 'long', values: { list } });
    }
    damageInPlace(store.path, `UPDATE cairn_records SET bytes = ${flip('bytes')} WHERE thread_id = 'long' AND seq = 5`);
    expect((await store.checkpointer.salvage({ threadId: 'long' })).checkpoint.values).toEqual({
      list: list.slice(0, 4),
    });
    const [report] = await store.repair();
    expect(report).toMatchObject({ outcome: 'repaired', left: [], heads: [{ seq: 4, was: { seq: 8 } }] });
    expect(report?.setAside.filter(({ kind }) => kind === 'checkpoint').map(({ seq }) => seq)).toEqual([5, 6, 7, 8]);
    expect((await store.checkpointer.load({ threadId: 'long' }))?.values).toEqual({ list: list.slice(0, 4) });
    expect(await store.verify()).toEqual([]);
  });

  it('removes rows that belong to nothing, once they are kept', async () => {
    await using store = await damaged(
      `INSERT INTO cairn_records SELECT 'nobody', namespace, channel, seq, rests_on, bytes FROM cairn_records WHERE thread_id = 'a'`,
    );
    const [report] = await store.repair();
    expect(report).toMatchObject({ threadId: 'nobody', outcome: 'removed', heads: [] });
    expect(readFileSync(store.quarantine, 'utf8').match(/"kind":"record"/g)).toHaveLength(9);
    expect(await collect(store.saver.scan('nobody'))).toEqual([]);
    expect(await store.verify()).toEqual([]);
  });

  it('without a quarantine changes nothing, and says the same', async () => {
    await using store = await damaged(headRecord);
    const before = await collect(store.saver.scan());
    const [plan] = await collect(store.checkpointer.repair());
    expect(await collect(store.saver.scan())).toEqual(before);
    const [report] = await store.repair();
    expect(plan).toEqual({ ...report, outcome: 'planned', quarantine: undefined });
    expect(await collect(store.checkpointer.repair())).toEqual([]);
  });

  it('leaves a thread alone whose lease somebody holds, and mends it when they are gone', async () => {
    await using store = await damaged(headRecord);
    const before = await collect(store.saver.scan());
    const lease = await store.saver.acquireLease('a', { holder: 'a run', ttlMs: 60_000 });
    const [report] = await store.repair();
    expect(report).toMatchObject({ outcome: 'refused', refusal: { code: 'CAIRN_THREAD_BUSY', holder: 'a run' } });
    expect(report?.faults).not.toEqual([]);
    expect(await collect(store.saver.scan())).toEqual(before);
    await store.saver.releaseLease(lease);
    expect(await store.repair()).toMatchObject([{ outcome: 'repaired' }]);
    // And gives its own lease back.
    await store.saver.releaseLease(await store.saver.acquireLease('a', { holder: 'another run', ttlMs: 60_000 }));
  });

  it('that has lost its lease meanwhile leaves the thread, says so, and mends the others', async () => {
    await using store = await damaged(`${headRecord}; ${headRecord.replace("'a'", "'b'")}`);
    const before = await collect(store.saver.scan('a'));
    const keep = async (rows: AsyncIterable<RawRecord>) => {
      const [row] = await collect(rows);
      if (row?.threadId === 'a')
        await store.saver.acquireLease('a', { holder: 'somebody', ttlMs: 60_000, replace: true });
      return 'nowhere';
    };
    const reports = await collect(store.checkpointer.repair({ quarantine: { keep } }));
    expect(reports).toMatchObject([
      { threadId: 'a', outcome: 'refused', refusal: { code: 'CAIRN_LEASE_LOST' }, quarantine: 'nowhere' },
      { threadId: 'b', outcome: 'repaired' },
    ]);
    expect(await collect(store.saver.scan('a'))).toEqual(before);
  });

  it('that loses its lease while rows are kept takes them out of the quarantine again', async () => {
    await using store = await damaged(`${headRecord}; ${headRecord.replace("'a'", "'b'")}`);
    await using file = new QuarantineFile(store.quarantine);
    const keep = async (rows: AsyncIterable<RawRecord>) => {
      const lose = async function* () {
        for await (const row of rows) {
          yield row;
          if (row.threadId === 'a')
            await store.saver.acquireLease('a', { holder: 'somebody', ttlMs: 60_000, replace: true });
        }
      };
      return await file.keep(lose());
    };
    expect(await collect(store.checkpointer.repair({ quarantine: { keep } }))).toMatchObject([
      { threadId: 'a', outcome: 'refused', refusal: { code: 'CAIRN_LEASE_LOST' }, quarantine: undefined },
      { threadId: 'b', outcome: 'repaired' },
    ]);
    expect(readFileSync(store.quarantine, 'utf8')).not.toContain('"threadId":"a"');
  });

  it('during which a prune takes rows away leaves the thread so, says why, and mends the others', async () => {
    await using store = await damaged(`${headRecord}; ${headRecord.replace("'a'", "'b'")}`);
    const [first] = await collect(store.saver.list({ threadId: 'a', namespace: [], order: 'asc', limit: 1 }));
    const keep = async (rows: AsyncIterable<RawRecord>) => {
      const [row] = await collect(rows);
      if (row?.threadId === 'a')
        await store.saver.prune({ threadId: 'a', namespace: [] }, [first?.checkpointId as string]);
      return 'nowhere';
    };
    const reports = await collect(store.checkpointer.repair({ quarantine: { keep } }));
    expect(reports).toMatchObject([
      { threadId: 'a', outcome: 'refused', refusal: { code: 'CAIRN_CORRUPT_CHECKPOINT' } },
      { threadId: 'b', outcome: 'repaired' },
    ]);
    expect(reports[0]?.refusal?.message).toContain('such as a prune');
    expect(await store.repair()).toMatchObject([{ threadId: 'a', outcome: 'repaired' }]);
    expect(await store.verify()).toEqual([]);
  });

  it('refuses a thread of which nothing reads whole, and one that needs what this Checkpointer was not given', async () => {
    await using store = await damaged(`UPDATE cairn_checkpoints SET bytes = x'c1' WHERE thread_id = 'a'`);
    expect(await store.repair()).toMatchObject([
      { outcome: 'refused', refusal: { code: 'CAIRN_NO_WHOLE_CHECKPOINT' } },
    ]);
    const classes = [
      registerClass({
        name: 'Money',
        class: Money,
        toData: ({ cents }) => cents,
        fromData: (cents) => new Money(Number(cents)),
      }),
    ];
    const knowing = new Checkpointer({ saver: store.saver, classes });
    await knowing.save({ threadId: 'b', values: { price: new Money(5) } });
    const reports = await store.repair();
    expect(reports[1]).toMatchObject({ threadId: 'b', outcome: 'refused', refusal: { code: 'CAIRN_UNKNOWN_CLASS' } });
    expect((await knowing.load({ threadId: 'b' }))?.values).toEqual({ price: new Money(5) });
  });

  it('of a thread that can not be scanned does not keep it from the threads after it', async () => {
    await using store = await damaged(`
      UPDATE cairn_checkpoints SET channels = 'no JSON' WHERE thread_id = 'a' AND seq = 2;
      UPDATE cairn_records SET bytes = x'c1' WHERE thread_id = 'b' AND seq = 3;
    `);
    const reports = await store.repair();
    expect(reports.map(({ threadId, outcome }) => [threadId, outcome])).toEqual([
      ['a', 'refused'],
      ['b', 'repaired'],
    ]);
    expect(await collect(store.checkpointer.verify({ threadId: 'b' }))).toEqual([]);
  });

  it('never writes over a quarantine that is there', async () => {
    await using store = await damaged(headRecord);
    await store.repair();
    damageInPlace(store.path, `DELETE FROM cairn_records WHERE thread_id = 'b' AND seq = 2`);
    expect(await errorOf(store.repair())).toMatchObject({ code: 'CAIRN_INVALID_ARGUMENT' });
    expect(await store.verify()).not.toEqual([]);
  });
});

describe('a repair that is killed', { timeout: 60_000 }, () => {
  const points = { 'repair:quarantined': 'old', 'sqlite:restore-inside': 'old', 'repair:restored': 'new' } as const;
  for (const [point, state] of Object.entries(points)) {
    it(`at ${point} leaves the ${state} thread, whole, and the quarantine beside it; another finishes`, async () => {
      await using store = await damaged(headRecord);
      const before = await collect(exportThreads(store.saver, { threadId: 'a' }));
      const child = startChild('repair', store.path, 0, { CAIRN_CRASH_AT: point, QUARANTINE: store.quarantine });
      expect((await child.ended).signal).toBe('SIGKILL');
      expect(readFileSync(store.quarantine, 'utf8').trim().split('\n')).toEqual(before.slice(0, -1));
      const after = await collect(exportThreads(store.saver, { threadId: 'a' }));
      if (state === 'old') expect(after).toEqual(before);
      else expect(await store.verify()).toEqual([]);

      // The lease of the dead one runs out in a minute; here it is taken over.
      await store.saver.releaseLease(
        await store.saver.acquireLease('a', { holder: 'me', ttlMs: 1_000, replace: true }),
      );
      await using second = new QuarantineFile(temporaryFile('second.jsonl'));
      const reports = await collect(store.checkpointer.repair({ quarantine: second }));
      expect(reports.map(({ outcome }) => outcome)).toEqual(state === 'old' ? ['repaired'] : []);
      expect(await store.verify()).toEqual([]);
      expect((await store.checkpointer.load({ threadId: 'a' }))?.values).toMatchObject({ round: 2 });
    });
  }
});

class Money {
  readonly cents: number;

  constructor(cents: number) {
    this.cents = cents;
  }
}

async function headOf(checkpointer: Checkpointer): Promise<string> {
  for await (const { checkpointId } of checkpointer.listThreads()) return checkpointId ?? '';
  return '';
}
