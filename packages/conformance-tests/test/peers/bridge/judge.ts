/** What a case's result over the bridge says about the peer. */
import type { CaseResult } from '@cairn/conformance-tests';
import { type MissingNotion, missingNotionOf } from './no-such-notion.js';

/** `kept` and `broken` are said of the peer; with a missing notion the case said nothing about it. */
export type Verdict = 'kept' | 'broken' | { readonly missing: MissingNotion };

/**
 * Cases that ask for a notion the peers do not have, and whose calls exist all the same, so that the bridge could refuse
 * nothing. They are not run: that they fail, or pass by chance, would say nothing.
 */
const asksFor: readonly (readonly [MissingNotion, readonly string[]])[] = [
  [
    'compare-and-set',
    [
      'law-1/get-counts-head-writes',
      'law-2/put-first-commit-of-another-seq',
      'law-2/put-first-commit-with-parent',
      'law-2/put-wrong-seq',
      'law-2/put-stale-parent',
      'law-2/put-unknown-parent',
      'law-2/put-conflict-names-the-head',
      'law-2/put-loser-fails-alone',
      'law-2/put-other-origin',
      'law-2/put-chain-in-one-tick',
      'law-2/put-unmarked-fork',
      'law-2/put-fork-wrong-seq',
      'law-2/put-fork-missing-parent',
      'law-2/put-twenty-forks',
      'law-2/put-writes-not-the-head',
      'law-2/put-writes-unknown-checkpoint',
      'law-2/put-writes-empty-checks-guards',
      'law-5/put-other-seq',
      'law-10/put-errors-leave-saver-usable',
      'law-10/reopen-goes-on',
      'method/delete-thread-then-begin-anew',
    ],
  ],
  [
    'consumed writes',
    [
      'law-1/put-stores-every-part',
      'law-1/put-consumes-named-tasks',
      'law-1/put-consumes-all',
      'law-1/put-consumes-only-on-its-parent',
      'law-1/put-consumes-many-tasks',
      'law-4/put-writes-race-with-put',
      'law-5/put-writes-consumed-is-no-repeat',
      'law-10/open-sees-other-instances',
    ],
  ],
  [
    'closing',
    [
      'law-10/close-every-method',
      'law-10/close-again',
      'law-10/close-unused',
      'law-10/close-during-listing',
      'law-10/close-ends-no-listing-silently',
      'law-10/close-waits',
      'law-10/close-one-instance',
    ],
  ],
  ['copies', ['law-7/copy-thread-hostile-ids']],
  ['leases', ['law-4/delete-thread-race-with-acquire-lease']],
  ['thread listing', ['law-9/list-threads-bytewise']],
];

/** The notion each of those cases asks for. */
export const notionOfCase: ReadonlyMap<string, MissingNotion> = new Map(
  asksFor.flatMap(([notion, ids]) => ids.map((id) => [id, notion])),
);

/** Undefined for a case that did not run: left out, or excluded by the peer's nature. */
export function verdictOf({ outcome, error }: CaseResult): Verdict | undefined {
  if (outcome === 'excluded' || outcome === 'left out') return undefined;
  if (outcome === 'passed') return 'kept';
  const missing = missingNotionOf(error);
  return missing === undefined ? 'broken' : { missing };
}
