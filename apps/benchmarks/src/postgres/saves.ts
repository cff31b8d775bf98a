/** What a save costs against one bare INSERT, unnamed and in a transaction of its own, and a load against reading one row. */
import { Checkpointer } from '@cairn/checkpoint-core';
import type { PostgresSaver } from '@cairn/saver-postgres';
import type { Check } from '../check.js';
import { compare, median, timesAsLong } from '../rounds.js';
import { randomMessage } from '../supersteps/chats.js';
import type { BenchDatabase } from './database.js';

const turns = 1_000;
/** As many as make the engine compile for good what each save runs; the median is of one that did. */
const traces = 7;
const crowd = 64;
const stepsOfEach = 20;

/** Of a chat's last tenth, saves and INSERTs taking turns; then loads of what they have saved. */
export async function measureChatOnPostgres(
  saver: PostgresSaver,
  { floor, steps }: BenchDatabase,
): Promise<readonly Check[]> {
  const checkpointer = new Checkpointer({ saver });
  const insert = `INSERT INTO ${steps} (bytes) VALUES ($1)`;
  const ratios: number[] = [];
  let messages: { role: string; content: string }[] = [];
  for (let trace = 0; trace < traces; trace += 1) {
    messages = [];
    const times: { save: number[]; insert: number[] } = { save: [], insert: [] };
    for (let turn = 0; turn < turns; turn += 1) {
      const added = { role: turn % 2 === 0 ? 'user' : 'assistant', content: randomMessage() };
      messages.push(added);
      const bytes = Buffer.from(JSON.stringify(added));
      const start = performance.now();
      await checkpointer.save({ threadId: `saves-${trace}`, values: { messages, turn } });
      const saved = performance.now();
      if (turn < turns * 0.9) continue;
      await floor.query(insert, [bytes]);
      times.save.push(saved - start);
      times.insert.push(performance.now() - saved);
    }
    ratios.push(median(times.insert) / median(times.save));
  }

  const { rows } = await floor.query<{ id: string }>(`${insert} RETURNING id`, [
    Buffer.from(JSON.stringify({ messages, turn: turns })),
  ]);
  const select = `SELECT bytes FROM ${steps} WHERE id = $1`;
  const load = await timesAsLong(
    () => checkpointer.load({ threadId: `saves-${traces - 1}` }),
    async () =>
      JSON.parse((await floor.query<{ bytes: Buffer }>(select, [rows[0]?.id])).rows[0]?.bytes.toString() ?? ''),
  );
  return [
    { name: 'saves of a chat in the time of one bare INSERT', measured: median(ratios), least: 0.6, unit: '×' },
    { name: 'time to load the latest, against one row of JSON', measured: load, most: 2, unit: '×' },
  ];
}

/** Many threads at once, the same ones in each round, over as many connections as the bare INSERTs have. */
export async function measureCrowd(saver: PostgresSaver, { floor, steps }: BenchDatabase): Promise<readonly Check[]> {
  const checkpointer = new Checkpointer({ saver });
  const all = async (step: (member: number) => Promise<unknown>): Promise<number> => {
    const one = async (member: number): Promise<void> => {
      for (let i = 0; i < stepsOfEach; i += 1) await step(member);
    };
    await Promise.all(Array.from({ length: crowd }, (_, member) => one(member)));
    return crowd * stepsOfEach;
  };
  const [, saves] = await compare([
    {
      name: 'bare INSERT',
      run: () => all(() => floor.query(`INSERT INTO ${steps} (bytes) VALUES ($1)`, [Buffer.from(randomMessage())])),
    },
    {
      name: 'save',
      run: () => all((member) => checkpointer.save({ threadId: `crowd-${member}`, values: { last: randomMessage() } })),
    },
  ]);
  return [
    { name: '64 threads at once, saves for each bare INSERT', measured: saves?.ratio ?? 0, least: 0.5, unit: '×' },
  ];
}
