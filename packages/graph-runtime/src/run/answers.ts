/** Answers coming in: matched to open interrupts, checked, and stored before any node runs again. */
import {
  type Checkpointer,
  type CheckpointSnapshot,
  crashPoint,
  hasCode,
  InvalidArgumentError,
  type Namespace,
  namespaceKey,
  parseNamespaceKey,
  quoteId,
  UnserializableValueError,
} from '@cairn/checkpoint-core';
import {
  AmbiguousAnswerError,
  InterruptAnsweredError,
  InvalidAnswerError,
  NoOpenInterruptError,
  UnknownInterruptError,
} from '../errors/interrupt-errors.js';
import { validate } from '../state/schema.js';
import { definitionsFor } from '../task/define-interrupt.js';
import { type OpenPlace, openPlaces, type TaskRecord } from '../task/task-record.js';
import { untilAborted } from '../task/until-aborted.js';
import { type AskedInterrupt, type StoredAnswer, writeKey } from '../task/write-keys.js';
import type { RunEnd } from './loop.js';
import type { ResumeOptions } from './options.js';
import type { RunScope } from './run-scope.js';

interface Answered extends OpenPlace {
  readonly answer: unknown;
}

/**
 * Stores the answers of a resume where they were asked, in the thread's own graph or in a sub-graph; none given, none
 * stored.
 *
 * @returns whether any was stored, which also set the thread's status to running.
 * @throws NoOpenInterruptError, AmbiguousAnswerError, UnknownInterruptError, InterruptAnsweredError, InvalidAnswerError,
 *   before anything is stored.
 */
export async function storeAnswers(
  scope: RunScope,
  checkpointer: Checkpointer,
  place: RunEnd,
  options: Pick<ResumeOptions, 'answer' | 'answers'>,
): Promise<boolean> {
  const answered = await matchAnswers(checkpointer, place, options);
  const checked = await Promise.all(answered.map(async (one) => ({ ...one, stored: await checkAnswer(scope, one) })));
  // One batch a task: a crash between two leaves the first answered and the second open, and both say so.
  for (const [task, ofTask] of Map.groupBy(checked, (one) => one.task)) {
    const writes = ofTask.map(({ interrupt: { label }, stored }) => ({
      key: writeKey('answer', label, task.answerRound(label)),
      value: stored,
    }));
    const base = ofTask[0]?.child?.base ?? place.base;
    await scope.storage.record({ base, taskId: task.plan.id, writes, status: 'running' });
    for (const { key, value } of writes) task.take(key, value);
    crashPoint('runtime:answer-recorded');
  }
  return checked.length > 0;
}

async function matchAnswers(
  checkpointer: Checkpointer,
  place: RunEnd,
  { answer, answers }: Pick<ResumeOptions, 'answer' | 'answers'>,
): Promise<readonly Answered[]> {
  const { threadId, checkpointId } = place.base;
  const open = openPlaces(place.tasks);
  if (answer !== undefined && answers !== undefined)
    throw new InvalidArgumentError('Give answer or answers, not both.', { threadId });
  if (answer !== undefined) {
    const [only, ...others] = open;
    if (only === undefined) throw new NoOpenInterruptError({ threadId, checkpointId });
    if (others.length > 0)
      throw new AmbiguousAnswerError(
        open.map(({ interrupt }) => interrupt.id),
        { threadId, checkpointId },
      );
    return [{ ...only, answer }];
  }
  const matched: Answered[] = [];
  for (const [id, value] of Object.entries(answers ?? {})) {
    const found = open.find(({ interrupt }) => interrupt.id === id);
    if (found === undefined)
      throw await unmatched(
        checkpointer,
        place,
        id,
        open.map(({ interrupt }) => interrupt.id),
      );
    matched.push({ ...found, answer: value });
  }
  return matched;
}

/** An id that is not open was answered, in this superstep or earlier, or never was. */
async function unmatched(checkpointer: Checkpointer, { base, tasks }: RunEnd, id: string, open: readonly string[]) {
  const details = { threadId: base.threadId, checkpointId: base.checkpointId };
  if (isKnown(tasks, id) || (await wasAnswered(checkpointer, base, tasks, id)))
    return new InterruptAnsweredError(id, details);
  return new UnknownInterruptError(id, open, details);
}

function isKnown(tasks: readonly TaskRecord[], id: string): boolean {
  return tasks.some(
    ({ interrupts, children }) =>
      [...interrupts.values()].some((interrupt) => interrupt.id === id) ||
      [...children.values()].some((child) => isKnown(child.tasks, id)),
  );
}

/** Looks through the history of the thread and of every sub-graph that it, or a task of now, leads to. */
async function wasAnswered(
  checkpointer: Checkpointer,
  { threadId }: CheckpointSnapshot,
  tasks: readonly TaskRecord[],
  id: string,
): Promise<boolean> {
  const streams = new Set([[], ...namespacesOf(tasks)].map(namespaceKey));
  // A Set's iteration goes on over what is added during it.
  for (const stream of streams) {
    for await (const { body } of checkpointer.infos({ threadId, namespace: parseNamespaceKey(stream) })) {
      if (body.trail.some((task) => task.interrupts.some((interrupt) => interrupt.id === id))) return true;
      for (const { namespace } of body.pins) streams.add(namespaceKey(namespace));
    }
  }
  return false;
}

/** Of the sub-graphs that tasks have called. Those of a finished one are known by what it left them as alone. */
function namespacesOf(tasks: readonly TaskRecord[]): readonly Namespace[] {
  return tasks.flatMap((task) => [
    ...[...task.calls.values(), ...(task.finished?.children ?? [])].map(({ namespace }) => namespace),
    ...[...task.children.values()].flatMap((child) => [child.namespace, ...namespacesOf(child.tasks)]),
  ]);
}

async function checkAnswer(
  { threadId, storage, signal }: RunScope,
  { task, interrupt, answer }: Answered,
): Promise<StoredAnswer> {
  const definitions = interrupt.defined ? definitionsFor(interrupt.id, interrupt.name) : [];
  const checks = definitions.map((definition) => validate(definition.answer, answer));
  const results = await untilAborted(Promise.all(checks), signal);
  const [first] = results;
  if (first && 'problem' in first && results.every((result) => 'problem' in result)) {
    throw new InvalidAnswerError(interrupt.id, `answer${first.path}: ${first.problem}`, {
      threadId,
      taskId: task.plan.id,
    });
  }
  const validated = results.length === 1 && first !== undefined && 'value' in first;
  return { value: keepable({ threadId, storage }, task, interrupt, validated ? first.value : answer), validated };
}

/** The store's own copy of an answer. @throws UnserializableValueError naming thread and interrupt. */
function keepable(
  { threadId, storage }: Pick<RunScope, 'threadId' | 'storage'>,
  task: TaskRecord,
  interrupt: AskedInterrupt,
  answer: unknown,
): unknown {
  try {
    return storage.keeper.keep(answer);
  } catch (error) {
    if (!hasCode(error, 'CAIRN_UNSERIALIZABLE_VALUE')) throw error;
    const { reason, path } = (error as UnserializableValueError).under('answer');
    throw new UnserializableValueError(`${reason} It answers interrupt ${quoteId(interrupt.id)}, which stays open.`, {
      threadId,
      taskId: task.plan.id,
      path,
    });
  }
}
