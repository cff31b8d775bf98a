/**
 * What the checkpoints that stay need of the streams nested in theirs.
 *
 * Said by headers alone: a checkpoint names what it pins, and a sub-graph's checkpoint names the call it was made by. Streams
 * are asked from the outside in, since a stream is pinned and owned only by those whose namespace its own begins with.
 */
import { type CheckpointId, type Namespace, namespaceKey } from '../address.js';
import type { ChildOwner } from '../checkpoint-body.js';
import type { CheckpointInfo } from '../checkpointer/snapshot.js';

export class Needs {
  readonly #pinned = new Set<string>();
  readonly #kept = new Set<string>();
  readonly #heads = new Set<string>();
  readonly #pinnedByHeads = new Set<string>();

  /** Takes note of a checkpoint that stays. @param isHead - of its stream. */
  add({ checkpointId, body }: CheckpointInfo, isHead: boolean): void {
    const ids = idsOf({ checkpointId, body });
    for (const id of ids) this.#kept.add(id);
    for (const pin of body.pins) this.#pinned.add(keyOf(pin.namespace, pin.checkpointId));
    // A stream that is done has folded in whatever it pins.
    if (!isHead || body.tasks.length === 0) return;
    for (const id of ids) this.#heads.add(id);
    for (const pin of body.pins) this.#pinnedByHeads.add(keyOf(pin.namespace, pin.checkpointId));
  }

  isPinned({ namespace, checkpointId }: CheckpointInfo): boolean {
    return this.#pinned.has(keyOf(namespace, checkpointId));
  }

  /** True for what was called by a task of a checkpoint that stays. */
  isCalledBy(owner: ChildOwner): boolean {
    return this.#kept.has(owner.checkpointId);
  }

  /**
   * True for the head of a nested stream that its caller may go on with, or is yet to fold in: then what its call began with
   * is needed, too, to tell what it changed.
   */
  isOpen(head: CheckpointInfo): boolean {
    const { owner } = head.body;
    if (owner !== undefined && this.#heads.has(owner.checkpointId)) return true;
    return idsOf(head).some((id) => this.#pinnedByHeads.has(keyOf(head.namespace, id)));
  }
}

/** Its own, and those of the older versions whose place a migrated one took: what they called, and what pinned them, is its. */
function idsOf({ checkpointId, body }: Pick<CheckpointInfo, 'checkpointId' | 'body'>): readonly CheckpointId[] {
  return [checkpointId, ...(body.migrates ?? [])];
}

function keyOf(namespace: Namespace, checkpointId: string): string {
  return `${namespaceKey(namespace)}${checkpointId}`;
}
