/** One bigint somewhere in a state. */
import { inspect } from 'node:util';
import { savedAndLoaded } from './cairn-calls.js';
import { put, saysOf, valuesOf } from './peer-calls.js';
import type { Reproduction } from './reproduction.js';

const account = { owner: 'Ann', cents: 10n };

export const bigintDestroysState: Reproduction = {
  id: 'bigint-destroys-state',
  breaks: 'values',
  statement: 'one bigint in a state destroys the whole of it when it is stored',
  explanation:
    'When JSON refuses a value, the serializer stores a sentence about the failure in its place: the put is acknowledged, ' +
    'and what was to be stored is gone. On MemorySaver and SqliteSaver that is the whole checkpoint, on PostgresSaver the channel.',
  peers: {
    MemorySaver: 'put: acknowledged; read: {}',
    SqliteSaver: 'put: acknowledged; read: {}',
    PostgresSaver:
      "put: acknowledged; read: { kept: 1, account: '[unable to serialize, circular reference is too complex to analyze]' }",
  },
  cairn: "put: acknowledged; read: { account: { owner: 'Ann', cents: 10n }, kept: 1 }",

  async onPeer(saver) {
    const stored = await saysOf(() => put(saver, 'a', { account, kept: 1 }));
    if (stored !== undefined && /:/.test(stored)) return `put: ${stored}`;
    return `put: acknowledged; read: ${inspect(await saysOf(() => valuesOf(saver, 'a')), { breakLength: Number.POSITIVE_INFINITY })}`;
  },

  async onCairn(saver) {
    return `put: acknowledged; read: ${inspect({ account: await savedAndLoaded(saver, account), kept: 1 }, { breakLength: Number.POSITIVE_INFINITY })}`;
  },
};
