/** The suite's table of contents: first what each operation must do, then the laws that cross operations. */
import type { ConformanceCase } from './case.js';
import { basicCases } from './cases/basics.js';
import { checkpointerCases } from './cases/checkpointer.js';
import { copyThreadCases } from './cases/copy-thread.js';
import { deleteThreadCases } from './cases/delete-thread.js';
import { forkCases } from './cases/fork.js';
import { getCases } from './cases/get.js';
import { killCases } from './cases/kill.js';
import { leaseCases } from './cases/lease.js';
import { leaseEndCases } from './cases/lease-end.js';
import { leasedWritesCases } from './cases/leased-writes.js';
import { listCases } from './cases/list.js';
import { listThreadsCases } from './cases/list-threads.js';
import { powerCutCases } from './cases/power-cut.js';
import { processCases } from './cases/processes.js';
import { pruneCases } from './cases/prune.js';
import { putAtomicCases } from './cases/put-atomic.js';
import { putCompareAndSetCases } from './cases/put-compare-and-set.js';
import { putRepeatCases } from './cases/put-repeat.js';
import { putWritesCases } from './cases/put-writes.js';
import { replaceCases } from './cases/replace.js';
import { restoreCases } from './cases/restore.js';
import { restoreInPlaceCases } from './cases/restore-in-place.js';
import { scanCases } from './cases/scan.js';
import { sequenceCases } from './cases/sequences.js';
import { closedCases } from './laws/closed.js';
import { exactByteCases } from './laws/exact-bytes.js';
import { exactFilterCases } from './laws/exact-filters.js';
import { exactIdCases } from './laws/exact-ids.js';
import { honestErrorCases } from './laws/honest-errors.js';
import { isolatedCases } from './laws/isolated.js';
import { leaseRaceCases } from './laws/lease-races.js';
import { writeRaceCases } from './laws/write-races.js';

/** Every case, in the order it is run and reported. */
export const conformanceCases: readonly ConformanceCase[] = [
  // Every method in its plainest form
  ...basicCases,

  // Writing
  ...putAtomicCases,
  ...putCompareAndSetCases,
  ...forkCases,
  ...putWritesCases,

  // Leases
  ...leaseCases,
  ...leaseEndCases,
  ...leasedWritesCases,

  // Writing again
  ...putRepeatCases,

  // Reading
  ...getCases,
  ...listCases,
  ...listThreadsCases,

  // Whole threads
  ...copyThreadCases,
  ...deleteThreadCases,
  ...pruneCases,
  ...scanCases,
  ...restoreCases,
  ...replaceCases,
  ...restoreInPlaceCases,

  // Laws of every operation
  ...leaseRaceCases,
  ...writeRaceCases,
  ...exactIdCases,
  ...exactFilterCases,
  ...isolatedCases,
  ...exactByteCases,
  ...honestErrorCases,
  ...closedCases,

  // Values, through core
  ...checkpointerCases,

  // What no single case thought of
  ...sequenceCases,

  // Other processes
  ...processCases,
  ...killCases,

  // The machine
  ...powerCutCases,
];
