/** What a program does to its files, as data: the trace that a power cut is replayed from. */

/** One operation on a file that changed it, or made its changes durable. */
export type FileOperation =
  | { readonly kind: 'write'; readonly file: string; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly file: string; readonly length: number }
  | { readonly kind: 'remove'; readonly file: string }
  /** All that was done to the file before is on the disk. */
  | { readonly kind: 'sync'; readonly file: string };
