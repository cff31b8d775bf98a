import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { classifyError } from '../src/classify-error.js';

it('a row that is larger than SQLite stores is refused with a typed error that says so', () => {
  const database = new Database(':memory:');
  // Never touched, so that no memory stands behind it.
  const tooBig = Buffer.allocUnsafe(1_000_000_001);
  let refusal: unknown;
  try {
    database.prepare('SELECT ?').get(tooBig);
  } catch (error) {
    refusal = classifyError(error, 'app.db');
  }
  database.close();
  expect(refusal).toMatchObject({ code: 'CAIRN_SAVER_UNAVAILABLE', retryable: false });
  expect(String(refusal)).toContain('larger than SQLite stores');
});
