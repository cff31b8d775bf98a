/** A harness whose savers all have a mutant's defect: what the suite must fail. */
import type { ConformanceHarness } from '../harness.js';
import type { Mutant } from './mutant.js';

/** The harness with the mutant's defect in every saver it opens; stores are made and removed as before. */
export function mutantHarness(harness: ConformanceHarness, mutant: Mutant): ConformanceHarness {
  return {
    name: `${harness.name} with ${mutant.id}`,
    createStore: () => harness.createStore(),
    open: async (location, environment) => mutant.apply(await harness.open(location, environment), environment.clock),
    destroyStore: (location) => harness.destroyStore(location),
  };
}
