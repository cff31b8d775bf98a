/** One step of a random sequence, in the shape that fast-check replays, shrinks and prints. */
import type { Arbitrary, AsyncCommand } from 'fast-check';
import type { World } from './world.js';

/** The saver and the model are in one world; fast-check hands it over twice. */
export class Step implements AsyncCommand<World, World> {
  readonly #text: string;
  readonly #play: (world: World) => Promise<void>;

  constructor(text: string, play: (world: World) => Promise<void>) {
    this.#text = text;
    this.#play = play;
  }

  check(): boolean {
    return true;
  }

  async run(world: World): Promise<void> {
    await this.#play(world);
  }

  toString(): string {
    return this.#text;
  }
}

/**
 * Steps of one kind.
 *
 * @param play - makes the call on saver and model, and throws where they differ; does nothing where it makes no sense.
 */
export function steps<Drawn>(
  name: string,
  drawn: Arbitrary<Drawn>,
  play: (world: World, drawn: Drawn) => Promise<void>,
): Arbitrary<Step> {
  return drawn.map((each) => new Step(`${name} ${JSON.stringify(each)}`, (world) => play(world, each)));
}
