/** Nobody reads what is written any more, as in `cairn export … | head`: the command ends where it is, with nothing to say. */
export class OutputGoneError extends Error {
  override readonly name = 'OutputGoneError';

  constructor() {
    super('Nobody reads the output any more.');
  }
}
