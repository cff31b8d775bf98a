/** The prose of docs/peers.md that no run can make. */

export function opening(savers: readonly (readonly [name: string, from: string, version: string])[]): string {
  return `# LangGraph.js's savers, judged by Cairn's suite

Written by a test from what was run, and held to it by tests; see the end. It says what these versions do, on this
repository's Node, with their default options. Nothing here is about other versions, nor about the Python packages.

| saver | package | version |
|---|---|---|
${savers.map(([name, from, version]) => `| ${name} | \`${from}\` | ${version} |`).join('\n')}

The suite was written for Cairn's contract, and these savers never promised to keep it. So each case is run through a
[thin bridge](../packages/conformance-tests/test/peers/bridge/bridged-saver.ts) that maps each of Cairn's notions to the
nearest that LangGraph.js has, and its result is one of three: **kept**; **broken**; or **no such notion**, where they have
nothing that the case could be about, which is counted neither way. You need not trust the bridge: whatever is called
broken here is shown again without it.`;
}

export const missingNotions = `No case is counted against a saver for these. They are what Cairn's contract adds:

- **compare-and-set**: a put that is refused because the head has moved, an unmarked fork, an unknown parent. What happens
  instead when two writers meet is judged, under law 2.
- **leases**: the right to advance a thread, checked in every write.
- **consumed writes**: a put that removes the pending writes it folds in. Theirs stay with the checkpoint that they
  followed, which is harmless, and so no breach.
- **thread listing**: threads with their status, by status, age or metadata.
- **deltas**: a record that rests on older ones. (Their beta \`DeltaChannel\` replays stored writes through a reducer, above the saver.)
- **copies**, **pruning**, **maintenance**: copying a thread in the store, dropping old checkpoints, walking and restoring rows.
- **closing**: a saver that is closed, waits for calls under way, and says so afterwards; each has its driver's own way.
- **typed errors**: failures with a code, and whether to try again. Theirs are the driver's.`;

export const justiceOpening = `Much of the contract they keep. All three do what follows, each held by the cases named or by a scenario of its own in
[justice.ts](../packages/conformance-tests/test/peers/justice.ts):`;

export const justiceClosing = `MemorySaver and SqliteSaver keep forks apart, as they store each checkpoint whole. And around the savers LangGraph.js has
what Cairn had to match: pending writes that let a crashed superstep go on, interrupts, \`Command\` and \`Send\`, sub-graph
namespaces, history and \`updateState\`, retry and cache policies, several streaming modes, and savers for more databases than
most projects of its kind.`;

export const running = `\`\`\`sh
npm test -- packages/conformance-tests/test/peers                      # every reproduction, and the suite's cases but the longest
npm test -- packages/conformance-tests/test/peers/scenarios            # every scenario, on Cairn's savers and on LangGraph.js
PEERS=all npm test -- packages/conformance-tests/test/peers/suite      # every case; writes the verdicts anew, takes minutes
npm test -- packages/conformance-tests/test/peers/page -u              # writes this page anew
\`\`\``;
