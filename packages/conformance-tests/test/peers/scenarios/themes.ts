/** All scenarios, by theme. */
import { answers } from './answers.js';
import { branches } from './branches.js';
import { cancellation } from './cancellation.js';
import { commands } from './commands.js';
import { durability } from './durability.js';
import { durableExecution } from './durable-execution.js';
import { history } from './history.js';
import { humanInTheLoop } from './human-in-the-loop.js';
import { mapReduceScenarios } from './map-reduce.js';
import { memory } from './memory.js';
import { policies } from './policies.js';
import type { Scenario } from './scenario.js';
import { staticInterrupts } from './static-interrupts.js';
import { streaming } from './streaming.js';
import { subGraphMemory } from './sub-graph-memory.js';
import { subGraphs } from './sub-graphs.js';
import { timeTravel } from './time-travel.js';
import { stateUpdates } from './update-state.js';

export const themes: ReadonlyMap<string, readonly Scenario[]> = new Map([
  ['durable execution', [...durableExecution, ...durability]],
  ['human in the loop', [...humanInTheLoop, ...answers, ...staticInterrupts]],
  ['time travel', [...history, ...timeTravel, ...stateUpdates]],
  ['sub-graph persistence', [...subGraphs, ...subGraphMemory]],
  ['map-reduce', mapReduceScenarios],
  ['branches and commands', [...branches, ...commands]],
  ['memory across turns', memory],
  ['cancellation', cancellation],
  ['retries and other policies', policies],
  ['streaming', streaming],
]);
