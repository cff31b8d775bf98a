/** Acquires, renews and releases a thread's lease, on the database's clock. */
import { type Lease, LeaseLostError, type LeaseRequest } from '@cairn/checkpoint-core';
import type { Connection } from '../connection.js';
import { throwShared } from '../refusals.js';

const acquireSql = 'SELECT * FROM @schema.acquire_lease($1, $2, $3, $4, $5)';
const renewSql = 'SELECT * FROM @schema.renew_lease($1, $2, $3)';
const releaseSql = 'SELECT @schema.release_lease($1, $2)';

interface LeaseRow {
  readonly result: 'done' | 'busy' | 'lease-lost' | 'leaving';
  readonly token: string;
  readonly holder: string;
  readonly fence: number;
  readonly expires_at: number;
}

/** @param newToken - random; used when the lease changes hands. */
export async function acquireLease(
  db: Connection,
  threadId: string,
  { holder, ttlMs, replace = false }: LeaseRequest,
  newToken: string,
): Promise<Lease> {
  return toLease(threadId, await db.get<LeaseRow>(acquireSql, threadId, newToken, holder, ttlMs, replace));
}

export async function renewLease(db: Connection, { threadId, token }: Lease, ttlMs: number): Promise<Lease> {
  return toLease(threadId, await db.get<LeaseRow>(renewSql, threadId, token, ttlMs));
}

export async function releaseLease(db: Connection, { threadId, token }: Lease): Promise<void> {
  await db.all(releaseSql, threadId, token);
}

function toLease(threadId: string, row: LeaseRow | undefined): Lease {
  if (row === undefined) throw new LeaseLostError(threadId);
  throwShared(threadId, row);
  const { token, holder, fence, expires_at: expiresAt } = row;
  return { threadId, token, fence, holder, expiresAt };
}
