/**
 * The scenarios that LangGraph.js can express, on its own MemorySaver: where its trace is another than Cairn's, the difference
 * is written down, and docs/peers.md lists it.
 */
import { MemorySaver } from '@langchain/langgraph';
import { expect, it } from 'vitest';
import { onLangGraph } from './scenarios/on-langgraph/themes.js';
import { themes } from './scenarios/themes.js';

const scenarios = [...themes.values()].flat();

for (const [id, { run, differs }] of Object.entries(onLangGraph)) {
  it(`${id}: ${differs === undefined ? 'does as Cairn does' : differs.because}`, async () => {
    const thread = (name?: string) => ({ configurable: { thread_id: name === undefined ? id : `${id} ${name}` } });
    const trace = await run({ checkpointer: new MemorySaver(), thread });
    const { expected } = scenarios.find((each) => each.id === id) ?? {};
    expect(trace).toEqual(differs === undefined ? expected : differs.trace);
    if (differs !== undefined) expect(differs.trace).not.toEqual(expected);
  });
}
