// The checker must see what it is there to see: each kind of damage, done to sound evidence, breaks an invariant.
import { describe, expect, it } from 'vitest';
import { checkInvariants, type Evidence } from '../src/demo/check.js';
import type { Decision } from '../src/policy/decision.js';

const REFUND: Decision = { outcome: 'refund', orderId: 'SH-1', amountCents: 500, items: ['mug'] };
const ASKED: Decision = { outcome: 'ask-human', orderId: 'SH-2', amountCents: 20_000, items: ['tent'], why: 'limit' };
const REPLY = { to: '', subject: '', body: 'Hello' };
const RE_1 = { refundId: 're_1', orderId: 'SH-1', amountCents: 500 };
const GAP_KILL = { kill: { crashAt: 'x#1', inTheGap: true, patience: 1 }, fromOutside: false, completed: 0 };

const SOUND: Evidence = {
  expected: new Map([
    ['a', { decision: REFUND, approved: null, waits: false, refundCents: 500 }],
    ['b', { decision: ASKED, approved: false, waits: false, refundCents: null }],
    ['c', { decision: { ...ASKED, orderId: 'SH-3' }, approved: null, waits: true, refundCents: null }],
  ]),
  outcomes: new Map([
    [
      'a',
      {
        status: 'completed',
        checkpoints: 6,
        values: { decision: REFUND, approved: null, refundId: 're_1', reply: REPLY },
      },
    ],
    [
      'b',
      {
        status: 'completed',
        checkpoints: 6,
        values: { decision: ASKED, approved: false, refundId: null, reply: REPLY },
      },
    ],
    ['c', { status: 'interrupted', checkpoints: 4, values: { decision: { ...ASKED, orderId: 'SH-3' } } }],
  ]),
  ledger: { calls: 2, repeats: 1, refunds: [RE_1], duplicates: [], integrity: 'ok' },
  killsWanted: 1,
  kills: [GAP_KILL],
  threadsIntegrity: { passes: 'the threads pass an integrity check', answer: 'ok' },
};

function withThread(id: string, change: object): Evidence {
  const outcomes = new Map(SOUND.outcomes);
  const old = outcomes.get(id);
  if (old === undefined) throw new Error(id);
  outcomes.set(id, {
    ...old,
    ...change,
    values: { ...old.values, ...('values' in change ? (change.values as object) : {}) },
  });
  return { ...SOUND, outcomes };
}

const withLedger = (change: Partial<Evidence['ledger']>): Evidence => ({
  ...SOUND,
  ledger: { ...SOUND.ledger, ...change },
});
const brokenIn = (evidence: Evidence): string[] =>
  checkInvariants(evidence).flatMap(({ holds, text }) => (holds ? [] : [text]));

describe('the invariants', () => {
  it('hold for sound evidence', () => {
    expect(brokenIn(SOUND)).toEqual([]);
    expect(checkInvariants(SOUND)).toHaveLength(13);
  });

  it.each<[string, Evidence, RegExp]>([
    [
      'a lost ticket',
      { ...SOUND, outcomes: new Map([...SOUND.outcomes].slice(1)) },
      /every ticket is completed.*but not a/,
    ],
    ['an unfinished ticket', withThread('a', { status: 'abandoned' }), /every ticket is completed.*but not a/],
    ['a ticket that should wait and does not', withThread('c', { status: 'completed' }), /waits for you; but not c/],
    ['a missing reply', withThread('b', { values: { reply: null } }), /has its reply; but not b/],
    ['another decision', withThread('a', { values: { decision: { ...REFUND, amountCents: 501 } } }), /decision.*not a/],
    ['a no that became a yes', withThread('b', { values: { approved: true } }), /approval.*not b/],
    ['a refund nobody booked', withThread('a', { values: { refundId: 're_2' } }), /in the ledger.*not a/],
    ['a refund that was refused', withThread('b', { values: { refundId: 're_1' } }), /in the ledger.*not b/],
    ['a refund forgotten', withThread('a', { values: { refundId: null } }), /in the ledger.*not a/],
    [
      'a damaged file',
      { ...SOUND, threadsIntegrity: { passes: 'the threads pass an integrity check', answer: 'row 3 missing' } },
      /integrity check; it says: row 3 missing/,
    ],
    [
      'an order paid twice',
      withLedger({ calls: 3, refunds: [RE_1, RE_1], duplicates: [RE_1] }),
      /refunded twice.*SH-1/,
    ],
    ['a refund that was due', withLedger({ calls: 1, refunds: [] }), /to the cent.*SH-1/],
    [
      'an order paid twice, in the sum',
      withLedger({ calls: 3, refunds: [RE_1, RE_1], duplicates: [RE_1] }),
      /to the cent.*SH-1/,
    ],
    ['a wrong amount', withLedger({ refunds: [{ ...RE_1, amountCents: 50 }] }), /to the cent.*SH-1/],
    [
      'a refund that was not due',
      withLedger({ calls: 3, refunds: [RE_1, { ...RE_1, orderId: 'SH-9' }] }),
      /to the cent.*SH-9/,
    ],
    ['a call unaccounted for', withLedger({ calls: 9 }), /9 = 1 \+ 1/],
    ['a damaged ledger', withLedger({ integrity: 'no' }), /ledger passes.*says: no/],
    ['a kill too few', { ...SOUND, kills: [GAP_KILL], killsWanted: 2 }, /1 of 2/],
    ['no kill in the gap', { ...SOUND, kills: [{ ...GAP_KILL, fromOutside: true }] }, /at least one kill.*: 0/],
    ['a kill in the gap without a repeat', withLedger({ calls: 1, repeats: 0 }), /answered by the key: 0/],
  ])('are broken by %s', (_, evidence, message) => {
    expect(brokenIn(evidence).join('\n')).toMatch(message);
  });

  it('name no more than a few of many exceptions', () => {
    const expected = new Map(
      Array.from({ length: 9 }, (_, index) => [
        `t${index}`,
        { decision: REFUND, approved: null, waits: false, refundCents: 500 },
      ]),
    );
    expect(brokenIn({ ...SOUND, expected })[0]).toMatch(/t0, t1, t2, t3, t4 and 4 more$/);
  });
});
