/** A harness whose savers all have a mutant's defect: what the suite must fail. */
import type { Clock } from '@cairn/checkpoint-core';
import type { ConformanceHarness, RecordedStore } from '../harness.js';
import type { Mutant } from './mutant.js';

const defects = new WeakMap<ConformanceHarness, string>();

/** The harness with the mutant's defect in every saver it opens, here and in other processes. */
export function mutantHarness(harness: ConformanceHarness, mutant: Mutant): ConformanceHarness {
  const altered: ConformanceHarness = {
    ...harness,
    name: `${harness.name} with ${mutant.id}`,
    createStore: () => harness.createStore(),
    open: async (location, environment) => mutant.apply(await harness.open(location, environment), environment.clock),
    destroyStore: (location) => harness.destroyStore(location),
  };
  const { recordStore } = harness;
  if (recordStore) {
    altered.recordStore = async (environment) =>
      alteredStore(await recordStore(environment), mutant, environment.clock);
  }
  defects.set(altered, mutant.id);
  return altered;
}

function alteredStore(store: RecordedStore, mutant: Mutant, clock: Clock): RecordedStore {
  return {
    saver: mutant.apply(store.saver, clock),
    get operations() {
      const { makesOperation } = mutant;
      return makesOperation ? store.operations.filter(makesOperation) : store.operations;
    },
    reopen: async (files) => mutant.apply(await store.reopen(files), clock),
    destroy: () => store.destroy(),
  };
}

/** The id of the mutant that the harness was made of, so that other processes can make it too. */
export function mutantOf(harness: ConformanceHarness): string | undefined {
  return defects.get(harness);
}
