/** Random sequences of calls against a plain model: what no single case thought of. */
import type { ConformanceCase } from '../case.js';
import { playSequences } from '../model/play-sequences.js';
import { putSteps, type Spread, writeSteps } from '../model/steps.js';
import { leaseSteps, pruneSteps, readSteps, threadSteps } from '../model/thread-steps.js';

/** Named again, so that they come more often: nothing else does anything without commits. */
const puts = (spread: Spread) => [
  ...putSteps(spread),
  ...putSteps(spread).slice(0, 2),
  ...putSteps(spread).slice(0, 2),
];

const oneStream: Spread = { threads: 1, namespaces: 1 };
const fewThreads: Spread = { threads: 2, namespaces: 1 };
const fewStreams: Spread = { threads: 3, namespaces: 2 };

export const sequenceCases: readonly ConformanceCase[] = [
  {
    id: 'model/one-stream',
    states: 'Random commits, forks, repeats, pending writes and prunes on one stream do what the model says.',
    run: (context) =>
      playSequences(
        context,
        [context.saver],
        [...puts(oneStream), ...writeSteps(oneStream), ...pruneSteps(oneStream), ...readSteps(oneStream)],
      ),
  },
  {
    id: 'model/leases',
    states: 'Random leases, taken, replaced, renewed and given back between writes, admit exactly the right writes.',
    run: (context) =>
      playSequences(
        context,
        [context.saver],
        [...puts(fewThreads), ...writeSteps(fewThreads), ...leaseSteps(fewThreads), ...readSteps(fewThreads)],
      ),
  },
  {
    id: 'model/threads',
    states: 'Random commits, copies and deletions over threads and namespaces touch what they name and nothing else.',
    run: (context) =>
      playSequences(
        context,
        [context.saver],
        [
          ...puts(fewStreams),
          ...writeSteps(fewStreams),
          ...threadSteps(fewStreams),
          ...pruneSteps(fewStreams),
          ...readSteps(fewStreams),
        ],
      ),
  },
  {
    id: 'model/everything',
    states: 'Random calls of every kind on a few threads do what the model says.',
    run: (context) => playSequences(context, [context.saver], everything),
  },
  {
    id: 'model/two-instances',
    states: 'Random calls that go to two instances in turn do what they would do on one.',
    requires: { shared: 'instances' },
    run: async (context) => playSequences(context, [context.saver, await context.open()], everything),
  },
];

const everything = [
  ...puts(fewStreams),
  ...writeSteps(fewStreams),
  ...pruneSteps(fewStreams),
  ...threadSteps(fewStreams),
  ...leaseSteps(fewStreams),
  ...readSteps(fewStreams),
];
