/** Answers coming in: matched to open interrupts, checked, and stored before any node runs again. */
import {
  type Checkpointer,
  crashPoint,
  hasCode,
  InvalidArgumentError,
  quoteId,
  UnserializableValueError,
} from '@cairn/checkpoint-core';
import { AmbiguousAnswerError, InvalidAnswerError, NoOpenInterruptError } from '../errors/interrupt-errors.js';
import { validate } from '../state/schema.js';
import { definitionsFor } from '../task/define-interrupt.js';
import { type OpenPlace, openPlaces, type TaskRecord } from '../task/task-record.js';
import { untilAborted } from '../task/until-aborted.js';
import { type AskedInterrupt, type StoredAnswer, writeKey } from '../task/write-keys.js';
import type { RunEnd } from './loop.js';
import type { ResumeOptions } from './options.js';
import type { RunScope } from './run-scope.js';
import { unmatchedAnswer } from './unmatched-answer.js';

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
      throw await unmatchedAnswer(
        checkpointer,
        place,
        id,
        open.map(({ interrupt }) => interrupt.id),
      );
    matched.push({ ...found, answer: value });
  }
  return matched;
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
