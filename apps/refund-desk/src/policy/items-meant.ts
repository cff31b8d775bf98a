// Which items of an order a text speaks of, by the words of their names.
import { plainText } from '../classify/mend-words.js';
import type { OrderItem } from '../orders/order.js';

const SHORTEST_TELLING_WORD = 5;

/**
 * The items named in the text; of an order with a single item that one, named or not.
 *
 * @returns no item when there are several and it is not clear which one is meant.
 */
export function itemsMeant(items: readonly OrderItem[], text: string): readonly OrderItem[] {
  if (items.length === 1) return items;
  const words = new Set(wordsOf(text));
  const named = items.filter((item) => nameWords(item).every((word) => words.has(word)));
  if (named.length > 0) return named;
  // "The jacket" is clear enough when only one item has such a word.
  const hinted = items.filter((item) =>
    nameWords(item).some((word) => word.length >= SHORTEST_TELLING_WORD && words.has(word)),
  );
  return hinted.length === 1 ? hinted : [];
}

/** All but the first word: "Fjord rain jacket" is "the rain jacket" to whoever bought it. */
function nameWords(item: OrderItem): readonly string[] {
  const words = wordsOf(item.name);
  return words.length > 1 ? words.slice(1) : words;
}

function wordsOf(text: string): string[] {
  return plainText(text)
    .split(/[^a-z]+/)
    .filter((word) => word !== '');
}

export function priceOf(items: readonly OrderItem[]): number {
  return items.reduce((sum, item) => sum + item.unitCents * item.quantity, 0);
}
