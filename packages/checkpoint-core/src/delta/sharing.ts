/** What values lead to, for telling whether what changed and what stayed share an object. */
import { childrenOf, isObject } from '../plain-data.js';

/** Every object among the values and below them, once each. */
export function reachedFrom(values: readonly unknown[]): Set<object> {
  const reached = new Set<object>();
  const waiting: unknown[] = values.filter(isObject);
  while (waiting.length > 0) {
    const part = waiting.pop();
    if (!isObject(part) || reached.has(part)) continue;
    reached.add(part);
    for (const child of childrenOf(part)) if (isObject(child)) waiting.push(child);
  }
  return reached;
}
