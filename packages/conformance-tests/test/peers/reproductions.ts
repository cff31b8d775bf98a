/** Every reproduction, in the order of the page. */
import { bigintDestroysState } from './reproductions/bigint-destroys-state.js';
import { bytesInAWrite } from './reproductions/bytes-in-a-write.js';
import { checkpointOverwritten } from './reproductions/checkpoint-overwritten.js';
import { deleteNeedsTables } from './reproductions/delete-needs-tables.js';
import { filterKeysArePaths } from './reproductions/filter-keys-are-paths.js';
import { forkLosesItsValues } from './reproductions/fork-loses-its-values.js';
import { growthIsQuadratic } from './reproductions/growth-is-quadratic.js';
import { incrementsVanish } from './reproductions/increments-vanish.js';
import { limitZeroListsAll } from './reproductions/limit-zero-lists-all.js';
import { lookalikePoisonsThread } from './reproductions/lookalike-poisons-thread.js';
import type { Reproduction } from './reproductions/reproduction.js';
import { reservedNames } from './reproductions/reserved-names.js';
import { runsOnUnsaved } from './reproductions/runs-on-unsaved.js';
import { setupRaces } from './reproductions/setup-races.js';
import { statementsPerSuperstep } from './reproductions/statements-per-superstep.js';
import { synchronousIsNormal } from './reproductions/synchronous-is-normal.js';
import { threadComesBack } from './reproductions/thread-comes-back.js';
import { valuesChange } from './reproductions/values-change.js';
import { writeDropped } from './reproductions/write-dropped.js';

export const reproductions: readonly Reproduction[] = [
  forkLosesItsValues,
  incrementsVanish,
  checkpointOverwritten,
  threadComesBack,
  writeDropped,
  valuesChange,
  bigintDestroysState,
  lookalikePoisonsThread,
  bytesInAWrite,
  reservedNames,
  filterKeysArePaths,
  limitZeroListsAll,
  deleteNeedsTables,
  runsOnUnsaved,
  synchronousIsNormal,
  growthIsQuadratic,
  statementsPerSuperstep,
  setupRaces,
];
