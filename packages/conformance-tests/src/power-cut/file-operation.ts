/** What a store does to its files, as data: the trace that a power cut is replayed from. */

export type FileOperation =
  | { readonly kind: 'write'; readonly file: string; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly file: string; readonly length: number }
  | { readonly kind: 'remove'; readonly file: string }
  /** Acknowledged by the operating system: all that was done to the file before is on the disk. */
  | { readonly kind: 'sync'; readonly file: string };
