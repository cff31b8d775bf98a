/** The two ends of every graph. They are no nodes: nothing runs there. */

/** Where the input enters: `addEdge(START, 'first')`. */
export const START = '__start__' as const;
/** Where a path through the graph is done; a run is completed once every path is. */
export const END = '__end__' as const;
