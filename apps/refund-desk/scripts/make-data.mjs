// Makes the sample data the app ships: data/tickets.jsonl, data/orders.db and test/fixtures/labels.json.
// Seeded, so the same commit always makes the same rows. Usage: node scripts/make-data.mjs [folder]
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeRandom } from './make-data/random.mjs';
import { makeShop } from './make-data/shop.mjs';
import { makeTickets } from './make-data/tickets.mjs';
import { writeOrders } from './make-data/write-orders.mjs';

const app = join(dirname(fileURLToPath(import.meta.url)), '..');
const target = process.argv[2] ?? app;
const random = makeRandom(20_261_123);
const shop = makeShop(random);
const made = makeTickets(random, shop);

mkdirSync(join(target, 'data'), { recursive: true });
mkdirSync(join(target, 'test', 'fixtures'), { recursive: true });
writeFileSync(join(target, 'data', 'tickets.jsonl'), made.map((m) => `${JSON.stringify(m.ticket)}\n`).join(''));
writeOrders(join(target, 'data', 'orders.db'), shop);
const labels = Object.fromEntries(made.map((m) => [m.ticket.id, m.label]));
writeFileSync(join(target, 'test', 'fixtures', 'labels.json'), `${JSON.stringify(labels, null, 2)}\n`);
console.log(`${made.length} tickets, ${shop.orders.length} orders, ${shop.customers.length} customers in ${target}`);
