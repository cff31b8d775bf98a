// The tickets: a list of stories, each told so many times, with the order it needs and the outcome a careful colleague would reach.

import { addFollowUps } from './follow-ups.mjs';
import { FOREIGN, PHRASES } from './phrases.mjs';
import { makeStories } from './stories.mjs';
import { makeWording } from './wording.mjs';

const FIRST_DAY = Date.UTC(2026, 8, 14);
const DAYS = 56;
const CHANNELS = ['email', 'email', 'email', 'web', 'web', 'chat', 'phone'];

/** @returns {{ ticket: object, label: object }[]} in the order they came, ids `ticket-0001` … */
export function makeTickets(random, shop) {
  const wording = makeWording(random);
  const context = { random, shop, wording, newInstant: () => FIRST_DAY + random.int(0, DAYS * 24 * 3_600) * 1_000 };
  const drafts = [];
  for (const story of makeStories(context)) {
    for (let i = 0; i < story.times; i += 1) drafts.push(draftOf(context, story, i));
  }
  addFollowUps(context, drafts);
  drafts.sort((a, b) => a.at - b.at);
  return drafts.map((draft, index) => finish(draft, index));
}

function draftOf(context, story, turn) {
  const { random, shop, wording } = context;
  const at = context.newInstant();
  const customer = random.chance(0.12) && shop.customers.length > 20 ? random.pick(shop.customers) : shop.newCustomer();
  const scene = story.make({ customer, at, turn });
  const foreign = story.foreign === true && random.chance(0.22) ? FOREIGN[story.kind] : undefined;
  const phrases = foreign ?? scene.phrases ?? PHRASES[story.kind];
  const phrase = phrases[foreign ? random.int(0, phrases.length - 1) : turn % phrases.length];
  const message = wording.message(phrase, {
    customer,
    order: scene.number === undefined ? undefined : wording.numberAsTyped(scene.number),
    item: scene.item,
    plain: story.kind === 'unclear' || foreign !== undefined,
  });
  return {
    at,
    customer,
    ...message,
    channel: random.pick(CHANNELS),
    story,
    scene,
    label: {
      story: story.name,
      kind: story.kind,
      orderId: scene.number ?? null,
      outcome: story.outcome,
      ...(scene.cents === undefined ? {} : { amountCents: scene.cents }),
    },
  };
}

function finish(draft, index) {
  const id = `ticket-${String(index + 1).padStart(4, '0')}`;
  return {
    ticket: {
      id,
      receivedAt: new Date(draft.at).toISOString(),
      channel: draft.channel,
      customer: { email: draft.customer.email, name: draft.customer.name },
      subject: draft.subject,
      body: draft.body,
    },
    label: draft.label,
  };
}
