/** Texts that come in pieces, line by line. */

/**
 * Yields a text's lines, without their line feeds. Only those end a line: `readline` ends one also at U+2028 and U+2029, which may
 * stand in JSON as they are. Opens nothing before the first line is asked for, so that none is missed.
 *
 * @param open - gives the text's pieces.
 */
export async function* linesOf(open: () => AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  let begun = '';
  for await (const piece of open()) {
    const [rest = '', ...others] = piece.split('\n');
    begun += rest;
    for (const next of others) {
      yield begun;
      begun = next;
    }
  }
  if (begun !== '') yield begun;
}
