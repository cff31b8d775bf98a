// What a desk tells whoever started it, and what it may be told. Plain data: it travels between processes.
import type { ApprovalRequest } from '../graph/desk-state.js';

export type DeskEvent =
  /** The store has been read: how many threads were complete, and which go on after a crash. */
  | { readonly type: 'ready'; readonly completed: readonly string[]; readonly resumed: readonly string[] }
  | { readonly type: 'completed'; readonly threadId: string }
  | { readonly type: 'waiting'; readonly threadId: string; readonly request: ApprovalRequest }
  | { readonly type: 'failed'; readonly threadId: string; readonly message: string }
  /** Everything that is left waits for an answer. */
  | { readonly type: 'idle' }
  /** Nothing is left. */
  | { readonly type: 'done' };

export type DeskCommand =
  | { readonly type: 'answer'; readonly threadId: string; readonly answer: boolean }
  | { readonly type: 'stop' };
