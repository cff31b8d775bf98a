// Brings a customer's text to one form: lower case, no accents, and words one slip of the finger away from a word that matters put right.

const SHORTEST_MENDED = 5;

/** Lower case, plain letters, straight apostrophes, single spaces. */
export function plainText(text: string): string {
  return text
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replaceAll('’', "'")
    .normalize('NFD')
    .replaceAll(/\p{Diacritic}/gu, '')
    .replaceAll(/\s+/g, ' ');
}

/** Puts right each word of plain text that is one slip away from a word of the vocabulary. */
export function mendWords(text: string, vocabulary: ReadonlySet<string>): string {
  return text.replaceAll(/[a-z]+/g, (word) => {
    if (word.length < SHORTEST_MENDED || vocabulary.has(word)) return word;
    for (const known of vocabulary) if (isOneSlipAway(word, known)) return known;
    return word;
  });
}

/** One letter swapped with its neighbour, dropped, doubled or replaced; the first letter is seldom the wrong one. */
function isOneSlipAway(word: string, known: string): boolean {
  if (word[0] !== known[0] || Math.abs(word.length - known.length) > 1) return false;
  let at = 1;
  while (at < word.length && word[at] === known[at]) at += 1;
  const rest = word.slice(at);
  const knownRest = known.slice(at);
  const swapped = rest[1] === knownRest[0] && rest[0] === knownRest[1] && rest.slice(2) === knownRest.slice(2);
  const dropped = rest === knownRest.slice(1);
  const added = rest.slice(1) === knownRest;
  const replaced = rest.slice(1) === knownRest.slice(1);
  return swapped || dropped || added || replaced;
}
