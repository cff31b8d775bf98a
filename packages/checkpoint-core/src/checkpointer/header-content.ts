/**
 * What a header's payload holds: the body, and the values that ride in it.
 *
 * Short atoms (numbers, booleans, dates as text, ids) are no records of their own: a row, a checksum and two places in
 * indexes for some bytes would cost many times what it is to write them into every header. So most commits of a loop are two
 * rows, the header and what is long and changed.
 *
 * A body is stored as a list of its parts, since the names of its fields would weigh more than what they name. The places in
 * these lists are part of stored data: never given to something else, new ones come last.
 */
import type { CheckpointBody, ChildOwner, ChildPin, TaskPlan, TaskTrail } from '../checkpoint-body.js';
import type { OwnParts } from '../encoding/serializer.js';

/** The channels whose values ride in the header, by name. */
export type SmallValues = ReadonlyMap<string, unknown>;

export interface HeaderContent {
  readonly body: CheckpointBody;
  readonly small: SmallValues;
}

/** In UTF-16 units: a UUID or an ISO date fits. */
const LONGEST_SMALL_TEXT = 40;

/**
 * True for a value that is stored in the header: a short atom, of those that every serializer takes, as the next header may
 * be written with another one.
 */
export function isSmall(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
      return value.length <= LONGEST_SMALL_TEXT && value.isWellFormed();
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0);
    case 'boolean':
      return true;
    default:
      return value === null;
  }
}

/** The lists that a packed header is made of, all made here; what lies deeper in one another was handed in. */
export const headerLists: OwnParts = { plainLists: 3, kept: false };

export function packHeader({ body, small }: HeaderContent): readonly unknown[] {
  const { source, metadata, state, run, tasks, joins, carried, trail, migrates, thread, owner, paused, pins } = body;
  // Spread, the lists are plain ones: `map` alone passes over holes and keeps a class.
  return trimmed([
    source,
    packSmall(small),
    [...tasks].map(packTask),
    [...trail].map(packTrail),
    run && [run.startId, run.superstep],
    state && [state.name, state.version],
    Reflect.ownKeys(metadata).length === 0 ? null : metadata,
    pins.length === 0 ? null : [...pins].map(packPin),
    owner && [owner.checkpointId, owner.taskId, owner.key],
    joins && [...joins],
    carried && [...carried],
    paused,
    migrates && [...migrates],
    thread,
  ]);
}

/**
 * True for what has more parts than are known here: a newer Cairn has written it, and the next commit would drop what it says
 * there.
 */
export function isNewerHeader(content: unknown): boolean {
  if (!Array.isArray(content)) return false;
  // As many parts as `PackedHeader` and its lists have.
  const [, , tasks, trail, run, state, , pins, owner] = content;
  const isLonger = (list: unknown, parts: number): boolean => Array.isArray(list) && list.length > parts;
  const hasLonger = (list: unknown, parts: number): boolean =>
    Array.isArray(list) && list.some((each) => isLonger(each, parts));
  if (isLonger(content, 14) || isLonger(run, 2) || isLonger(state, 2) || isLonger(owner, 3)) return true;
  return hasLonger(tasks, 4) || hasLonger(trail, 8) || hasLonger(pins, 4);
}

/** @returns undefined for what {@link packHeader} has not made. */
export function unpackHeader(content: unknown): HeaderContent | undefined {
  if (!isPacked(content)) return undefined;
  const [source, small, tasks, trail, run, state, metadata, pins, owner, joins, carried, paused, migrates, thread] =
    content;
  const body: CheckpointBody = {
    source,
    metadata: metadata ?? {},
    ...(state && { state: { name: state[0], version: state[1] } }),
    ...(run && { run: { startId: run[0], superstep: run[1] } }),
    tasks: tasks.map(unpackTask),
    ...(joins && { joins }),
    ...(carried && { carried }),
    trail: trail.map(unpackTrail),
    ...(migrates && { migrates }),
    ...(isText(thread) && { thread }),
    ...(owner && { owner: unpackOwner(owner) }),
    ...(isBoolean(paused) && { paused }),
    pins: pins?.map(unpackPin) ?? [],
  };
  return { body, small: unpackSmall(small) };
}

/** True when every part that is taken apart is what it is taken for. */
function isPacked(content: unknown): content is PackedHeader {
  if (!Array.isArray(content)) return false;
  const [source, small, tasks, trail, run, state, metadata, pins, owner] = content as readonly unknown[];
  return (
    isText(source) &&
    isAbsentOr(small, (parts) => parts.length % 2 === 0 && parts.every((part, i) => i % 2 === 1 || isText(part))) &&
    areTuples(tasks, isText, isText) &&
    areTuples(trail, isText, isText, isNumber, isNumber, isNumber) &&
    isAbsentOr(run, (parts) => isTuple(parts, isText, isNumber)) &&
    isAbsentOr(state, (parts) => isTuple(parts, isText, isNumber)) &&
    (isAbsent(metadata) || typeof metadata === 'object') &&
    isAbsentOr(pins, (parts) => areTuples(parts, Array.isArray, isText)) &&
    isAbsentOr(owner, (parts) => isTuple(parts, isText, isText, isText))
  );
}

type Test = (part: unknown) => boolean;

function isTuple(part: unknown, ...tests: readonly Test[]): boolean {
  return Array.isArray(part) && tests.every((test, i) => test(part[i]));
}

function areTuples(parts: unknown, ...tests: readonly Test[]): boolean {
  return Array.isArray(parts) && parts.every((part) => isTuple(part, ...tests));
}

function isAbsentOr(part: unknown, test: (parts: readonly unknown[]) => boolean): boolean {
  return isAbsent(part) || (Array.isArray(part) && test(part));
}

function isAbsent(part: unknown): part is Absent {
  return part === null || part === undefined;
}

function isNumber(part: unknown): boolean {
  return typeof part === 'number';
}

type Body<Field extends keyof CheckpointBody> = CheckpointBody[Field];

/** What is absent is null: a serializer of somebody's own may know no undefined. */
type Absent = null | undefined;

type PackedHeader = [
  source: Body<'source'>,
  small: readonly unknown[] | Absent,
  tasks: readonly PackedTask[],
  trail: readonly PackedTrail[],
  run?: readonly [startId: string, superstep: number] | Absent,
  state?: readonly [name: string, version: number] | Absent,
  metadata?: Body<'metadata'> | Absent,
  pins?: readonly PackedPin[] | Absent,
  owner?: PackedOwner | Absent,
  joins?: Body<'joins'> | Absent,
  carried?: Body<'carried'> | Absent,
  paused?: boolean | Absent,
  migrates?: Body<'migrates'> | Absent,
  thread?: string | Absent,
];

/** An input is there or not, whatever it is: of four parts it is the last. */
type PackedTask = readonly [id: string, node: string, plannedAs?: string | Absent, input?: unknown];

function packTask(task: TaskPlan): PackedTask {
  const { id, node, plannedAs } = task;
  if (Object.hasOwn(task, 'input')) return [id, node, plannedAs ?? null, task.input];
  return plannedAs === undefined ? [id, node] : [id, node, plannedAs];
}

function unpackTask(packed: PackedTask): TaskPlan {
  const [id, node, plannedAs, input] = packed;
  return { id, node, ...(packed.length === 4 && { input }), ...(isText(plannedAs) && { plannedAs }) };
}

type PackedTrail = readonly [
  id: string,
  node: string,
  startedAt: number,
  endedAt: number,
  attempts: number,
  steps?: TaskTrail['steps'] | Absent,
  interrupts?: TaskTrail['interrupts'] | Absent,
  fellBack?: TaskTrail['fellBack'] | Absent,
];

function packTrail({ id, node, startedAt, endedAt, attempts, steps, interrupts, fellBack }: TaskTrail): PackedTrail {
  const packed = [id, node, startedAt, endedAt, attempts, given(steps), given(interrupts), fellBack];
  return trimmed(packed) as unknown as PackedTrail;
}

function unpackTrail([id, node, startedAt, endedAt, attempts, steps, interrupts, fellBack]: PackedTrail): TaskTrail {
  return {
    ...{ id, node, startedAt, endedAt, attempts },
    ...(fellBack && { fellBack }),
    ...{ steps: steps ?? [], interrupts: interrupts ?? [] },
  };
}

type PackedPin = readonly [
  namespace: ChildPin['namespace'],
  checkpointId: string,
  remembers?: boolean | Absent,
  node?: string | Absent,
];

function packPin({ namespace, checkpointId, remembers, node }: ChildPin): PackedPin {
  return trimmed([namespace, checkpointId, remembers, node]) as unknown as PackedPin;
}

function unpackPin([namespace, checkpointId, remembers, node]: PackedPin): ChildPin {
  return {
    ...{ namespace, checkpointId },
    ...(isBoolean(remembers) && { remembers }),
    ...(isText(node) && { node }),
  };
}

type PackedOwner = readonly [checkpointId: string, taskId: string, key: string];

function unpackOwner([checkpointId, taskId, key]: PackedOwner): ChildOwner {
  return { checkpointId, taskId, key };
}

function packSmall(small: SmallValues): readonly unknown[] | null {
  if (small.size === 0) return null;
  const packed: unknown[] = [];
  for (const [channel, value] of small) packed.push(channel, value);
  return packed;
}

function unpackSmall(packed: readonly unknown[] | Absent): SmallValues {
  const small = new Map<string, unknown>();
  const parts = packed ?? [];
  for (let i = 0; i + 1 < parts.length; i += 2) small.set(String(parts[i]), parts[i + 1]);
  return small;
}

function isText(part: unknown): part is string {
  return typeof part === 'string';
}

function isBoolean(part: unknown): part is boolean {
  return typeof part === 'boolean';
}

function given<Item>(items: readonly Item[]): readonly Item[] | null {
  return items.length === 0 ? null : items;
}

/**
 * With null for what is absent, and without it at the end.
 *
 * @param parts - handed over: it is changed.
 */
function trimmed(parts: unknown[]): readonly unknown[] {
  let length = parts.length;
  while (length > 0 && (parts[length - 1] ?? null) === null) length--;
  for (let i = 0; i < length; i++) parts[i] ??= null;
  return parts.slice(0, length);
}
