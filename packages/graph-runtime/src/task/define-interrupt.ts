/** Interrupts with a name and schemas, and how `resume`, perhaps in another process, finds them by name. */
import { InvalidArgumentError } from '@cairn/checkpoint-core';
import type { Schema } from '../state/schema.js';

const brand = Symbol.for('cairn.interrupt');

/** A question of one kind: what is asked, and what counts as an answer. */
export interface InterruptDefinition<Payload, Answer> {
  readonly name: string;
  readonly payload: Schema<unknown>;
  readonly answer: Schema<unknown>;
  /** In types only. */
  readonly types?: { readonly payload: Payload; readonly answer: Answer };
}

type AnyDefinition = InterruptDefinition<unknown, unknown>;

/** Held weakly: a definition that is made for each request must not stay for ever. */
const byName = new Map<string, Set<WeakRef<AnyDefinition>>>();
const collected = new FinalizationRegistry(forget);
const byId = new Map<string, AnyDefinition>();
const MOST_REMEMBERED = 10_000;

/**
 * Defines an interrupt with typed, validated payload and answer.
 *
 * Define it where a module loads, not inside a node: an answer is checked before it is stored, and so before the node
 * runs again, also in a process that has never run it.
 *
 * @param definition.name - not empty; answers find the definition by it.
 * @param definition.payload - any Standard Schema of what is asked.
 * @param definition.answer - any Standard Schema of an answer; what it returns is stored.
 */
export function defineInterrupt<PayloadIn, PayloadOut, AnswerIn, AnswerOut>(definition: {
  readonly name: string;
  readonly payload: Schema<PayloadIn, PayloadOut>;
  readonly answer: Schema<AnswerIn, AnswerOut>;
}): InterruptDefinition<PayloadIn, AnswerOut> {
  const { name, payload, answer } = definition;
  if (typeof name !== 'string' || name === '')
    throw new InvalidArgumentError(`An interrupt's name must be a text that is not empty, not ${String(name)}.`);
  const defined = { name, payload: payload as Schema, answer: answer as Schema, [brand]: true };
  const reference = new WeakRef(defined);
  byName.set(name, (byName.get(name) ?? new Set()).add(reference));
  collected.register(defined, { name, reference });
  return defined;
}

function forget({ name, reference }: { readonly name: string; readonly reference: WeakRef<AnyDefinition> }): void {
  const references = byName.get(name);
  references?.delete(reference);
  if (references?.size === 0) byName.delete(name);
}

export function isInterruptDefinition(value: unknown): value is AnyDefinition {
  return typeof value === 'object' && value !== null && brand in value;
}

/** Remembers which definition an interrupt was asked with, so that two of one name are told apart. */
export function rememberAsked(interruptId: string, definition: AnyDefinition): void {
  byId.delete(interruptId);
  byId.set(interruptId, definition);
  const [oldest] = byId.keys();
  if (byId.size > MOST_REMEMBERED && oldest !== undefined) byId.delete(oldest);
}

/** The definitions that an open interrupt may have been asked with: just one if this process asked it. */
export function definitionsFor(interruptId: string, name: string): readonly AnyDefinition[] {
  const asked = byId.get(interruptId);
  if (asked) return [asked];
  return [...(byName.get(name) ?? [])].flatMap((reference) => reference.deref() ?? []);
}
