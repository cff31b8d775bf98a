/** The scenarios that LangGraph.js can express, by the id they have on Cairn. */
import { answers } from './answers.js';
import { durableExecution } from './durable-execution.js';
import { humanInTheLoop } from './human-in-the-loop.js';
import type { OnLangGraph } from './on-langgraph.js';
import { running } from './running.js';
import { staticInterrupts } from './static-interrupts.js';
import { subGraphsAndSends } from './sub-graphs-and-sends.js';
import { timeTravel } from './time-travel.js';

export const onLangGraph: Readonly<Record<string, OnLangGraph>> = {
  ...durableExecution,
  ...humanInTheLoop,
  ...answers,
  ...staticInterrupts,
  ...timeTravel,
  ...subGraphsAndSends,
  ...running,
};
