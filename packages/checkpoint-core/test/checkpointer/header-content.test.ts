/** What a header holds comes back as it was, field by field. */
import { expect, it } from 'vitest';
import type { CheckpointBody } from '../../src/checkpoint-body.js';
import { isSmall, packHeader, unpackHeader } from '../../src/checkpointer/header-content.js';

const least: CheckpointBody = { source: 'save', metadata: {}, tasks: [], trail: [], pins: [] };

const most: CheckpointBody = {
  source: 'superstep',
  metadata: { user: 'u', deep: { n: 1 } },
  state: { name: 'desk', version: 3 },
  run: { startId: 'start', superstep: 7 },
  tasks: [
    { id: 'a', node: 'one' },
    { id: 'b', node: 'two', input: { n: 1 } },
    { id: 'c', node: 'three', input: undefined },
    { id: 'd', node: 'four', input: null, plannedAs: 'old' },
    { id: 'e', node: 'five', plannedAs: 'older' },
  ],
  joins: [{ from: ['one', 'two'], to: 'three', arrived: ['one'] }],
  carried: [{ taskId: 'a', key: 'step/look', value: [1] }],
  trail: [
    { id: 'x', node: 'zero', startedAt: 0.1, endedAt: 0.4, attempts: 2, steps: ['look'], interrupts: [] },
    {
      ...{ id: 'y', node: 'zero', startedAt: 5, endedAt: 6, attempts: 0, steps: [] },
      interrupts: [{ id: 'i', name: 'approval', payload: { ask: 'Refund?' }, answer: undefined }],
      fellBack: { name: 'Error', message: 'no', code: undefined },
    },
  ],
  migrates: ['before'],
  thread: 'copy',
  owner: { checkpointId: 'parent', taskId: 'a', key: 'call' },
  paused: false,
  pins: [
    { namespace: ['one', 'a'], checkpointId: 'child' },
    { namespace: ['two'], checkpointId: 'other', remembers: false, node: 'renamed' },
    { namespace: [], checkpointId: 'third', node: 'renamed' },
  ],
};

it.each([
  ['the least that a body says', least, new Map()],
  ['all that it can say', most, new Map<string, unknown>([['__proto__', 1]])],
  ['what comes last alone', { ...least, thread: 'copy' }, new Map([['', '']])],
  ['what is in the middle alone', { ...least, pins: most.pins }, new Map([['n', undefined]])],
  [
    'each absent value',
    least,
    new Map<string, unknown>([
      ['a', undefined],
      ['b', null],
      ['c', ''],
      ['d', Number.NaN],
    ]),
  ],
] as const)('%s comes back', (_what, body, small) => {
  expect(unpackHeader(packHeader({ body, small }))).toStrictEqual({ body, small });
});

it.each(['tasks', 'trail', 'pins'] as const)(
  '%s with a hole are refused: no header could be read that says so',
  (name) => {
    const holed = [...most[name]];
    delete holed[0];
    expect(() => packHeader({ body: { ...least, [name]: holed }, small: new Map() })).toThrow(TypeError);
  },
);

it.each(['tasks', 'trail', 'pins', 'joins', 'carried', 'migrates'] as const)(
  '%s of a class are packed as a list',
  (name) => {
    class Items extends Array<unknown> {}
    const body = { ...least, [name]: Items.from<unknown>(most[name] ?? []) } as CheckpointBody;
    const packed = packHeader({ body, small: new Map() });
    expect(packed).toStrictEqual(packHeader({ body: { ...least, [name]: most[name] }, small: new Map() }));
  },
);

const head = ['save', null, [], []];

it.each([
  [undefined],
  [null],
  [{}],
  [[]],
  [['save']],
  [['save', null, null, null]],
  [['save', ['a'], [], []]],
  [['save', 5, [], []]],
  [['save', [1, 2], [], []]],
  [['save', null, [null], []]],
  [['save', null, [['id']], []]],
  [['save', null, [], [5]]],
  [[...head, ['start']]],
  [[...head, null, [1, 2]]],
  [[...head, null, null, 5]],
  [[...head, null, null, null, 5]],
  [[...head, null, null, null, [['child', 'id']]]],
  [[...head, null, null, null, null, 5]],
])('%j is no header', (content) => {
  expect(unpackHeader(content)).toBeUndefined();
});

it('small are short atoms that every serializer takes, and nothing else', () => {
  const small = [0, -1, 1.5, Number.MAX_VALUE, true, false, null, '', 'x'.repeat(40)];
  // Those that a serializer of somebody's own may refuse are among the others.
  const others = [-0, Number.NaN, -Infinity, undefined, 1n, '\ud800', 'x'.repeat(41), [], {}, new Date(0), Symbol('s')];
  expect(small.map(isSmall)).toEqual(small.map(() => true));
  expect(others.map(isSmall)).toEqual(others.map(() => false));
});
