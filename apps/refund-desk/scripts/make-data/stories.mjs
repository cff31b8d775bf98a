// Every story a ticket can tell, how often, and the order that makes it true. `outcome` is what the desk ought to do with it.
import { PHRASES } from './phrases.mjs';

export function makeStories({ random, shop }) {
  /** An order with one item (or several), a customer who names its number, and what a whole refund of the first item would cost. */
  const sceneOf = (customer, at, items, when, extra = {}) => {
    const order = shop.newOrder({ customer, items, at, ...when });
    return { number: order.id, order, item: items[0].name, cents: items[0].cents * items[0].quantity, ...extra };
  };
  const plain = (name, kind, times, outcome, items, when, foreign = false) => ({
    name,
    kind,
    times,
    outcome,
    foreign,
    make: ({ customer, at }) => sceneOf(customer, at, shop.chooseItems(items), when()),
  });
  const recently = () => ({ deliveredDaysAgo: random.int(1, 27) });
  const longAgo = () => ({ deliveredDaysAgo: random.int(36, 200) });

  return [
    plain('small return', 'return', 36, 'refund', {}, recently, true),
    plain('large return', 'return', 20, 'ask-human', { large: true }, recently),
    plain('late return', 'return', 14, 'decline:out-of-window', {}, longAgo),
    plain('excluded return', 'return', 10, 'decline:not-returnable', { excluded: true }, recently),
    plain('small damage', 'damaged', 28, 'refund', {}, recently, true),
    plain('large damage', 'damaged', 10, 'ask-human', { large: true }, recently),
    plain('wrong item', 'wrong-item', 14, 'refund', {}, recently),
    plain('lost parcel', 'not-arrived', 16, 'refund', {}, () => ({ shippedDaysAgo: random.int(16, 40) }), true),
    plain('parcel not late yet', 'not-arrived', 6, 'decline:not-late-yet', {}, () => ({
      shippedDaysAgo: random.int(2, 11),
    })),
    plain('tracking says delivered', 'not-arrived', 6, 'ask-human', {}, () => ({ deliveredDaysAgo: random.int(1, 9) })),
    plain('cancelled in time', 'cancel', 12, 'refund', {}, () => ({ orderedDaysAgo: random.int(0, 2) }), true),
    plain('cancelled in time, large', 'cancel', 5, 'ask-human', { large: true }, () => ({
      orderedDaysAgo: random.int(0, 2),
    })),
    plain('cancelled too late', 'cancel', 5, 'decline:already-shipped', {}, () => ({
      shippedDaysAgo: random.int(1, 3),
    })),
    plain('charged twice', 'charged-twice', 8, 'refund', {}, () => ({ ...recently(), captures: 2 })),
    plain('charged once after all', 'charged-twice', 4, 'decline:charged-once', {}, recently),
    plain('refunded before', 'return', 8, 'decline:already-refunded', {}, () => ({
      deliveredDaysAgo: random.int(12, 25),
      refundedDaysAgo: random.int(1, 6),
    })),
    plain('one item of several', 'damaged', 8, 'refund', { count: 3 }, recently),
    plain('one return of several', 'return', 8, 'refund', { count: 2 }, recently),
    {
      name: 'several items, none named',
      kind: 'return',
      times: 6,
      outcome: 'ask-customer:which-item',
      make: ({ customer, at }) => {
        const { number, order } = sceneOf(customer, at, shop.chooseItems({ count: 3 }), recently());
        return {
          number,
          order,
          item: '',
          phrases: [
            ['Return', 'I would like to return something from order {order}. Please refund me.'],
            [
              'One thing does not fit',
              'One of the things in {order} does not fit and I want to send it back for a refund.',
            ],
          ],
        };
      },
    },
    {
      name: 'no order number',
      kind: 'return',
      times: 14,
      outcome: 'ask-customer:order-number',
      make: ({ customer, at, turn }) => {
        const { item } = sceneOf(customer, at, shop.chooseItems(), recently());
        return { item, phrases: turn % 2 === 0 ? PHRASES.return : undefined };
      },
    },
    {
      name: 'unknown order number',
      kind: 'damaged',
      times: 8,
      outcome: 'ask-customer:order-not-found',
      make: ({ customer, at }) => {
        const { item } = sceneOf(customer, at, shop.chooseItems(), recently());
        return { number: shop.unusedNumber(), item };
      },
    },
    {
      name: "somebody else's order",
      kind: 'return',
      times: 7,
      outcome: 'ask-customer:order-not-found',
      make: ({ customer, at }) => {
        const own = sceneOf(customer, at, shop.chooseItems(), recently());
        const others = shop.orders.filter((order) => order.customer !== customer);
        return { number: random.pick(others).id, item: own.item };
      },
    },
    {
      name: 'question',
      kind: 'question',
      times: 28,
      outcome: 'answer',
      make: ({ customer, at }) => {
        const { number, order, item } = sceneOf(
          customer,
          at,
          shop.chooseItems(),
          random.chance(0.5) ? recently() : { orderedDaysAgo: 1 },
        );
        return { number, order, item };
      },
    },
    { name: 'unclear', kind: 'unclear', times: 6, outcome: 'answer', make: () => ({ item: '' }) },
  ];
}
