/** `schema.sql` says what the migrations come to; a change of the tables shows in it. */
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { printSchema } from './fixtures/print-schema.js';
import { asAdmin, createStore, open } from './fixtures/stores.js';

it('the tables are those of schema.sql (else run this test with -u)', async () => {
  const store = await createStore();
  await open(store).setup();
  const printed = await asAdmin(store, (query) => printSchema(query, store.schema));
  await expect(printed).toMatchFileSnapshot(fileURLToPath(new URL('../schema.sql', import.meta.url)));
});
