// Guesses a text's language from its small words. English when in doubt.
import type { Classification } from './classification.js';

type Language = Classification['language'];

const SMALL_WORDS: readonly (readonly [Language, ReadonlySet<string>])[] = [
  ['de', new Set('ich und der die das ist nicht bitte meine mein mir mit aus bestellung'.split(' '))],
  ['fr', new Set('je ne la le de ma mon est merci bonjour commande vous voudrais ai'.split(' '))],
  ['es', new Set('el la del no he mi por quiero hola pedido me pueden favor'.split(' '))],
  ['en', new Set('i the is my it and to for please of you a was have not'.split(' '))],
];

export function guessLanguage(plain: string): Language {
  const words = plain.split(/[^a-z]+/);
  let best: Language = 'en';
  let most = 0;
  for (const [language, small] of SMALL_WORDS) {
    const hits = words.filter((word) => small.has(word)).length;
    if (hits > most || (hits === most && language === 'en')) [best, most] = [language, hits];
  }
  return best;
}
