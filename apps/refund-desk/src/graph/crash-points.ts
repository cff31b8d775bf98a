// The desk's own crash point.

/** Where the demo can kill the process: the money has moved, and Cairn does not know it yet. */
export const LEDGER_COMMITTED = 'refund-desk:ledger-committed';
