/** User data that looks like a serialized class. */
import { inspect } from 'node:util';
import { savedAndLoaded } from './cairn-calls.js';
import { config, listed, put, saysOf } from './peer-calls.js';
import type { Reproduction } from './reproduction.js';

const lookalike = { lc: 1, type: 'constructor', id: ['langchain', 'x', 'Y'], kwargs: {} };

const refusal = 'Error: Invalid namespace: $ -> {"lc":1,"type":"constructor","id":["langchain","x","Y"],"kwargs":{}}';

export const lookalikePoisonsThread: Reproduction = {
  id: 'lookalike-poisons-thread',
  breaks: 'values',
  statement:
    'data of a user that looks like a serialized class is accepted, and its checkpoint can never be read again',
  explanation:
    'The reader takes any object of this shape for a class to be loaded. A text that a user pastes and a program parses is ' +
    'enough: the put is acknowledged, and every later read of the thread throws, its history included. The thread can only ' +
    'be deleted. Revival of classes by stored names has been a way to run code, too.',
  upstream: [['CVE-2025-68664 (LangChain: such data was revived)', 'https://nvd.nist.gov/vuln/detail/CVE-2025-68664']],
  peers: {
    MemorySaver: { read: refusal, history: refusal },
    SqliteSaver: { read: refusal, history: refusal },
    PostgresSaver: { read: refusal, history: refusal },
  },
  cairn: { read: 'equal', history: '1 checkpoints' },

  async onPeer(saver) {
    const id = await put(saver, 'a', { pasted: lookalike });
    await put(saver, 'a', { pasted: 'fine' }, { parent: id, version: 2 });
    const read = await saysOf(async () =>
      inspect((await saver.getTuple(config('a', id)))?.checkpoint.channel_values['pasted']),
    );
    const history = await saysOf(async () => `${(await listed(saver, 'a')).length} checkpoints`);
    return { read, history };
  },

  async onCairn(saver) {
    const read = await savedAndLoaded(saver, lookalike);
    return { read: JSON.stringify(read) === JSON.stringify(lookalike) ? 'equal' : 'changed', history: '1 checkpoints' };
  },
};
