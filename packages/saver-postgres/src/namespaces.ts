/**
 * Namespaces as the tables name them: the JSON text, or its digest where the text is longer than an index row bears together
 * with four ids of the longest kind.
 */
import { createHash } from 'node:crypto';
import { type Namespace, namespaceKey } from '@cairn/checkpoint-core';

/** A stream, as the tables name it. */
export interface StreamKey {
  readonly thread_id: string;
  readonly namespace: string;
  /** The whole text where `namespace` is a digest. */
  readonly long_namespace: string | null;
}

const mostBytes = 512;

export const rootNamespace = namespaceKey([]);

export function streamKey({ threadId, namespace }: { threadId: string; namespace: Namespace }): StreamKey {
  const key = namespaceKey(namespace);
  if (key.length * 3 <= mostBytes || Buffer.byteLength(key) <= mostBytes) {
    return { thread_id: threadId, namespace: key, long_namespace: null };
  }
  // No JSON text begins so.
  const digest = `#${createHash('sha256').update(key).digest('base64url')}`;
  return { thread_id: threadId, namespace: digest, long_namespace: key };
}
