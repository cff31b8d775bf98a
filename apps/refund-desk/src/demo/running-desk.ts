// A desk at work as the demo sees it, wherever it runs: in a process of its own that can be killed, or in this one.
import type { DeskCommand, DeskEvent } from '../desk/desk-event.js';

export type DeskEnd =
  | { readonly type: 'stopped' }
  | { readonly type: 'killed' }
  | { readonly type: 'broken'; readonly message: string };

export interface RunningDesk {
  tell(command: DeskCommand): void;
  /** SIGKILL, now. */
  kill(): void;
  readonly ended: Promise<DeskEnd>;
}

/** Starts a desk; `crashAt` arms a crash point in it. */
export type StartDesk = (onEvent: (event: DeskEvent) => void, crashAt: string | undefined) => RunningDesk;
