/** Savers of which one method does nothing: each must fail the case about that method alone. */
import type { Lease, MaintainableSaver } from '@cairn/checkpoint-core';
import { altered, type Mutant } from './mutant.js';

export const idleMutants: readonly Mutant[] = [
  idle('put', 'method/basic-put', async () => {}),
  idle('putWrites', 'method/basic-put-writes', async () => {}),
  idle('get', 'method/basic-put', async () => undefined),
  idle('list', 'method/basic-list', async function* () {}),
  idle('listThreads', 'method/basic-list', async function* () {}),
  idle('copyThread', 'method/basic-copy-thread', async () => {}),
  idle('deleteThread', 'method/basic-delete-thread', async () => {}),
  idle('prune', 'method/basic-prune', async () => ({ checkpoints: 0, records: 0, writes: 0, bytes: 0 })),
  idle('acquireLease', 'method/basic-acquire-lease', async (threadId, { holder, ttlMs }) =>
    madeUp(threadId, holder, ttlMs),
  ),
  idle('renewLease', 'method/basic-renew-lease', async (lease, ttlMs) => ({ ...lease, expiresAt: Date.now() + ttlMs })),
  idle('releaseLease', 'method/basic-release-lease', async () => {}),
  idle('scan', 'method/basic-scan-and-restore', async function* () {}),
  idle('restore', 'method/basic-scan-and-restore', async () => {}),
  idle('replace', 'method/basic-replace', async () => {}),
];

function idle<Method extends keyof MaintainableSaver>(
  method: Method,
  caughtBy: string,
  does: MaintainableSaver[Method],
): Mutant {
  return {
    id: `idle-${String(method)}`,
    defect: `${String(method)} returns at once and does nothing.`,
    caughtBy: [caughtBy],
    apply: (saver) => altered(saver, { [method]: does }),
  };
}

function madeUp(threadId: string, holder: string, ttlMs: number): Lease {
  return { threadId, holder, token: `${threadId}/${holder}`, fence: 1, expiresAt: Date.now() + ttlMs };
}
