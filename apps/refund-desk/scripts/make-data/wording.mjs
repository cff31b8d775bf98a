// Turns a phrase into a customer's message: order numbers as people type them, a slip of the finger here and there, the odd outburst.
import { ANGRY, ENDINGS, GREETINGS } from './phrases.mjs';

/** The ways people write `SH-10234`; all of them mean the same order. */
const NUMBER_STYLES = [
  (id) => id,
  (id) => id,
  (id) => id,
  (id) => `#${id}`,
  (id) => id.toLowerCase(),
  (id) => id.replace('-', ''),
  (id) => id.replace('-', ' '),
  (id) => `no. ${id.slice(3)}`,
  (id) => `#${id.slice(3)}`,
  (id) => id.replace('0', 'O'),
];

const LONG_WORD = /^[a-z]{6,}$/;

export function makeWording(random) {
  const slip = (word) => {
    const at = random.int(1, word.length - 3);
    const kind = random.int(0, 2);
    if (kind === 0) return word.slice(0, at) + word[at + 1] + word[at] + word.slice(at + 2);
    if (kind === 1) return word.slice(0, at) + word.slice(at + 1);
    return word.slice(0, at) + word[at] + word.slice(at);
  };

  /** One slip in one long word; never in the item's name, which the customer copies from the order. */
  const withTypo = (text, keep) => {
    const words = text.split(' ');
    const kept = new Set(keep.toLowerCase().split(/[^a-z]+/));
    const able = words.flatMap((word, index) => (LONG_WORD.test(word) && !kept.has(word) ? [index] : []));
    if (able.length === 0) return text;
    const at = random.pick(able);
    words[at] = slip(words[at]);
    return words.join(' ');
  };

  const fill = (text, parts) => text.replaceAll(/\{(\w+)\}/g, (_, name) => parts[name] ?? '');

  /** Drops what stood around a missing order number: "(order {order})", "order {order},", "{order}". */
  const withoutOrder = (text) =>
    text
      .replaceAll(/\(?\b(from |with |for |of |my )?(order(?: number)?:? )?\{order\}\)?/gi, (_, lead) =>
        lead ? `${lead}my order` : 'my order',
      )
      .replaceAll(/my my/g, 'my');

  return {
    numberAsTyped: (id) => random.pick(NUMBER_STYLES)(id),
    /** @returns {{ subject: string, body: string }} */
    message: (phrase, { customer, order, item = '', plain = false }) => {
      const [rawSubject, rawBody] = order === undefined ? [withoutOrder(phrase[0]), withoutOrder(phrase[1])] : phrase;
      const parts = {
        order,
        item: random.chance(0.7) ? item : shortName(item),
        first: customer.first,
        name: customer.name,
      };
      let body = fill(rawBody, parts);
      if (!plain) {
        if (random.chance(0.3)) body = withTypo(body, item);
        if (random.chance(0.12)) body += random.pick(ANGRY);
        body = random.pick(GREETINGS) + body + fill(random.pick(ENDINGS), parts);
      }
      return { subject: fill(rawSubject, parts), body };
    },
  };
}

/** People seldom write the whole product name: "Fjord rain jacket" becomes "rain jacket". */
function shortName(name) {
  return name.split(' ').slice(1).join(' ');
}
