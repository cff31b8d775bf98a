// Duplicate tickets: the customer asks again about the same order, by mail, by chat, sometimes within minutes. One refund must be enough.
import { AGAIN } from './phrases.mjs';

const HOUR_MS = 3_600_000;
const FOLLOWED = new Set([
  'small return',
  'large return',
  'small damage',
  'lost parcel',
  'cancelled in time',
  'charged twice',
  'wrong item',
]);
const EVERY = 4;

export function addFollowUps({ random, wording }, drafts) {
  const able = drafts.filter((draft) => FOLLOWED.has(draft.story.name) && draft.subject !== '');
  for (const first of able.filter((_, index) => index % EVERY === 0)) {
    let at = first.at;
    const times = random.chance(0.15) ? 2 : 1;
    for (let i = 0; i < times; i += 1) {
      at += random.int(1, 30) * HOUR_MS;
      drafts.push({
        ...first,
        ...again(random, wording, first),
        at,
        channel: random.pick(['email', 'chat', 'web', 'phone']),
        label: labelOf(first),
      });
    }
  }
}

function again(random, wording, first) {
  const order = wording.numberAsTyped(first.scene.number);
  const [subject, body] = random.pick(AGAIN);
  const fill = (text) => text.replaceAll('{order}', order).replaceAll('{again}', first.body);
  return { subject: fill(subject), body: fill(body) };
}

/** A refund made for the first ticket settles the second; one that a person refused leads to the same question again. */
function labelOf(first) {
  const outcome = first.label.outcome === 'refund' ? 'decline:already-refunded' : first.label.outcome;
  return { ...first.label, story: `again: ${first.label.story}`, outcome };
}
