/**
 * Where the sub-graphs that remember stand, as this run left them: so that a further call goes on from there without
 * reading, also where nothing is stored, or not yet.
 */
import { type CheckpointSnapshot, type Namespace, namespaceKey } from '@cairn/checkpoint-core';

export interface RememberedChild {
  readonly base: CheckpointSnapshot;
  /** Its own children. */
  readonly remembered: RememberedChildren;
}

export class RememberedChildren {
  readonly #byNamespace = new Map<string, RememberedChild>();

  get(namespace: Namespace): RememberedChild | undefined {
    return this.#byNamespace.get(namespaceKey(namespace));
  }

  set(child: RememberedChild): void {
    this.#byNamespace.set(namespaceKey(child.base.namespace), child);
  }
}
