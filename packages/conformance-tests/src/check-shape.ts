/** A saver that lacks what the contract names, found before a case trips over it. */
import type { CheckpointSaver, MaintainableSaver } from '@cairn/checkpoint-core';

const methods: readonly (keyof CheckpointSaver)[] = [
  ...(['setup', 'close', Symbol.asyncDispose, 'put', 'putWrites', 'get', 'list', 'listThreads'] as const),
  ...(['copyThread', 'deleteThread', 'prune', 'acquireLease', 'renewLease', 'releaseLease'] as const),
];
const maintenanceMethods: readonly (keyof MaintainableSaver)[] = ['scan', 'restore', 'replace'];

const declarable = {
  permanence: ['process', 'disk'],
  shared: ['no', 'instances', 'processes'],
  maintenance: [true, false],
} as const;

/**
 * @param saver - what a harness's `open` returned.
 * @throws TypeError that names all that is missing.
 */
export function checkShape(saver: unknown, harness: string): void {
  const faults = [...faultsOf(saver)];
  if (faults.length > 0)
    throw new TypeError(`What the harness of ${harness} opened is no saver: ${faults.join('; ')}.`);
}

function* faultsOf(saver: unknown): Generator<string> {
  if (typeof saver !== 'object' || saver === null) {
    yield `open returned ${String(saver)}`;
    return;
  }
  const { capabilities } = saver as Partial<CheckpointSaver>;
  for (const [name, allowed] of Object.entries(declarable)) {
    const declared = capabilities?.[name as keyof typeof declarable];
    if (!(allowed as readonly unknown[]).includes(declared))
      yield `capabilities.${name} must be ${allowed.map((one) => JSON.stringify(one)).join(' or ')}, not ${String(declared)}`;
  }
  const wanted = capabilities?.maintenance === true ? [...methods, ...maintenanceMethods] : methods;
  const missing = wanted.filter((name) => typeof (saver as Record<PropertyKey, unknown>)[name] !== 'function');
  if (missing.length > 0) yield `it has no method ${missing.map(String).join(', ')}`;
}
