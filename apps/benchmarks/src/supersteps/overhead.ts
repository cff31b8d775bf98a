/** How many times as many supersteps a second Cairn does as LangGraph.js: the targets say so much less overhead. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Contender, compare, type Timed } from '../rounds.js';
import type { ChatOptions } from './chats.js';
import type { Player, Storage } from './player.js';

/** Before the turns that count: an engine is done with compiling what runs in a superstep after some ten thousand of them. */
const warmingTurns = 4;

/** The players take turns of equal length, of many threads each: nothing is measured of an engine's warming up. */
export async function measureOverhead(
  storages: { readonly ours: Storage; readonly theirs: Storage },
  chat: ChatOptions,
): Promise<number> {
  const players = [
    start({ library: 'langGraph', storage: storages.theirs, chat }),
    start({ library: 'cairn', storage: storages.ours, chat }),
  ];
  try {
    const [, ours] = await compare(players.map(contender), 5, warmingTurns);
    return ours?.ratio ?? 0;
  } finally {
    for (const player of players) if (player.connected) player.disconnect();
  }
}

function start(player: Player): ChildProcess {
  const file = fileURLToPath(new URL('./player.js', import.meta.url));
  return fork(file, [JSON.stringify(player)]);
}

function contender(player: ChildProcess): Contender {
  return {
    name: '',
    run: async () => {
      const ended = new AbortController();
      const fail = () => ended.abort(new Error('A process that was to run supersteps has ended.'));
      player.once('exit', fail);
      const played = once(player, 'message', { signal: ended.signal });
      player.send('your turn');
      const [timed] = (await played) as [Timed];
      player.off('exit', fail);
      return timed;
    },
  };
}
