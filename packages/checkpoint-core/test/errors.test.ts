import { describe, expect, it } from 'vitest';
import * as core from '../src/index.js';

const { CheckpointError, hasCode } = core;

type ErrorConstructor = new (...args: unknown[]) => core.CheckpointError;

const classes = Object.entries(core).filter(
  ([, exported]) => typeof exported === 'function' && exported.prototype instanceof CheckpointError,
) as unknown as readonly [string, ErrorConstructor][];

/** Arguments that fit every constructor. */
const examples: Record<string, unknown[]> = {
  CheckpointConflictError: ['Seq 3 is taken.', { threadId: 't', head: { checkpointId: 'c', seq: 3 } }],
  CheckpointNotFoundError: ['t', 'c'],
  UnknownClassError: ['It holds a "money".', { className: 'money' }],
  UnknownFormatError: ['It is in JSON.', { serializerId: 'json' }],
  KeyUnavailableError: ['The key "k1" could not be fetched.', { keyId: 'k1' }],
  UnknownKeyError: ['It is encrypted with "k1".', { keyId: 'k1' }],
  ThreadBusyError: ['t', { holder: 'somebody', expiresAt: 0 }],
  UnserializableValueError: ['it is a function.', { path: 'messages[3].meta.fn', channel: 'messages' }],
};

describe('every error', () => {
  it.each(classes)('%s has its class name as name, and the code made from it', (name, ErrorClass) => {
    const error = new ErrorClass(...(examples[name] ?? ['what happened']));
    const code = `CAIRN_${name
      .replace(/Error$/, '')
      .replace(/(?<=[a-z])(?=[A-Z])/g, '_')
      .toUpperCase()}`;
    expect(error).toMatchObject({ name, code });
    expect(hasCode(error, code as core.ErrorCode)).toBe(true);
    expect(error.message).not.toBe('');
  });

  it('is matched by its code alone, whichever copy of the package made it', () => {
    expect(hasCode({ code: 'CAIRN_THREAD_BUSY' }, 'CAIRN_THREAD_BUSY')).toBe(true);
    expect(hasCode(new Error('no'), 'CAIRN_THREAD_BUSY')).toBe(false);
    expect(hasCode(undefined, 'CAIRN_THREAD_BUSY')).toBe(false);
  });

  it('names thread, checkpoint and what to do', () => {
    const conflict = new core.CheckpointConflictError('Seq 3 is taken.', {
      threadId: 'order-17',
      head: { checkpointId: 'c3', seq: 3 },
    });
    expect(conflict.message).toBe(
      'Seq 3 is taken. Thread "order-17"\'s head is checkpoint "c3" (seq 3). Load it, derive the update anew, and commit that.',
    );
  });

  it('a checkpoint that is not there is named with how to list those that are', () => {
    const lost = new core.CheckpointNotFoundError('order-17', 'c3');
    expect(lost.message).toBe(
      'Checkpoint "c3" of thread "order-17" does not exist: it was never stored, was pruned, or lies in another namespace. List ' +
        'those that are left: getStateHistory({ threadId }) of a graph, or history({ threadId }) of a Checkpointer.',
    );
    const inside = new core.CheckpointNotFoundError('order-17', 'c3', { namespace: ['research'] });
    expect(inside.message).toContain('history({ threadId, namespace }) of a Checkpointer.');
  });

  it('a busy thread is told of with what to do, for who runs a graph and for who has none', () => {
    const busy = new core.ThreadBusyError('order-17', { holder: 'somebody', expiresAt: 0 });
    expect(busy.message).toBe(
      'Thread "order-17" is busy: "somebody" holds its lease until 1970-01-01T00:00:00.000Z. Call again once it was given back or ' +
        "has run out; a graph's call waits for that with onBusy: 'wait', and takes over on purpose with onBusy: 'replace'.",
    );
  });

  it('a busy thread is reported also when its lease ends later than a Date can say', () => {
    const busy = new core.ThreadBusyError('t', { holder: 'somebody', expiresAt: Number.MAX_SAFE_INTEGER });
    expect(busy.message).toContain('holds its lease until the far future');
  });

  it('an unserializable value is named from where the caller sees it', () => {
    const error = new core.UnserializableValueError('it is a function.', { path: '[3].meta.fn' });
    expect(error.under('messages', 'messages')).toMatchObject({
      channel: 'messages',
      path: 'messages[3].meta.fn',
      message: "Can't store messages[3].meta.fn: it is a function.",
    });
  });
});
