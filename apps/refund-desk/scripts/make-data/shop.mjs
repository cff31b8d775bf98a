// The shop's books while they are being made: customers, and orders cut to the story a ticket is going to tell.
import { CARRIERS, COUNTRIES, EXCLUDED_PRODUCTS, FIRST_NAMES, LAST_NAMES, PRODUCTS } from './catalogue.mjs';

export const DAY_MS = 86_400_000;
const FIRST_ORDER_NUMBER = 10_217;

/** Plain letters only, as mail addresses mostly are. */
const asciiOf = (name) =>
  name
    .normalize('NFD')
    .replaceAll(/[^A-Za-z]/g, '')
    .toLowerCase();

export function makeShop(random) {
  const shop = { customers: [], orders: [], nextOrder: FIRST_ORDER_NUMBER };
  const emails = new Set();

  shop.newCustomer = () => {
    for (;;) {
      const first = random.pick(FIRST_NAMES);
      const last = random.pick(LAST_NAMES);
      const suffix = random.chance(0.3) ? String(random.int(2, 99)) : '';
      const email = `${asciiOf(first)}.${asciiOf(last)}${suffix}@${random.pick(['example.com', 'example.org', 'example.net'])}`;
      if (emails.has(email)) continue;
      emails.add(email);
      const customer = {
        id: shop.customers.length + 1,
        email,
        first,
        name: `${first} ${last}`,
        country: random.pick(COUNTRIES),
      };
      shop.customers.push(customer);
      return customer;
    }
  };

  /** An order number that no order has, but that looks like one. */
  shop.unusedNumber = () => `SH-${random.int(90_000, 98_999)}`;

  /** Chooses what is in the order: `large` decides on which side of the automatic limit (100.00) its first item lies. */
  shop.chooseItems = ({ count = 1, large = false, excluded = false } = {}) => {
    const fits = excluded ? EXCLUDED_PRODUCTS : PRODUCTS.filter((p) => (large ? p.cents > 10_000 : p.cents <= 10_000));
    const items = [{ ...random.pick(fits), quantity: 1 }];
    while (items.length < count) {
      const other = random.pick(PRODUCTS);
      if (items.some((item) => sharesAWord(item.name, other.name))) continue;
      items.push({ ...other, quantity: random.chance(0.15) ? 2 : 1 });
    }
    return items;
  };

  /**
   * Adds an order. `at` is the instant of the ticket it belongs to; `deliveredDaysAgo`, `shippedDaysAgo` and `orderedDaysAgo` count back from there,
   * and a step that is left out has not happened.
   */
  shop.newOrder = ({
    customer,
    items,
    at,
    deliveredDaysAgo,
    shippedDaysAgo,
    orderedDaysAgo,
    captures = 1,
    refundedDaysAgo,
  }) => {
    shop.nextOrder += random.int(1, 7);
    const shipped =
      shippedDaysAgo ?? (deliveredDaysAgo === undefined ? undefined : deliveredDaysAgo + random.int(2, 5));
    const ordered = orderedDaysAgo ?? (shipped ?? 0) + random.int(1, 3);
    const total = items.reduce((sum, item) => sum + item.cents * item.quantity, 0);
    const instant = (daysAgo) => new Date(at - daysAgo * DAY_MS).toISOString();
    const order = {
      id: `SH-${shop.nextOrder}`,
      customer,
      items,
      orderedAt: instant(ordered),
      shipment: {
        status: deliveredDaysAgo !== undefined ? 'delivered' : shipped !== undefined ? 'shipped' : 'preparing',
        carrier: random.pick(CARRIERS),
        shippedAt: shipped === undefined ? null : instant(shipped),
        deliveredAt: deliveredDaysAgo === undefined ? null : instant(deliveredDaysAgo),
      },
      payments: Array.from({ length: captures }, () => ({ kind: 'capture', cents: total, at: instant(ordered) })),
    };
    if (refundedDaysAgo !== undefined)
      order.payments.push({ kind: 'refund', cents: total, at: instant(refundedDaysAgo) });
    shop.orders.push(order);
    return order;
  };

  return shop;
}

function sharesAWord(one, other) {
  const words = (name) => name.toLowerCase().split(/[^a-z]+/);
  return words(one).some((word) => words(other).includes(word));
}
