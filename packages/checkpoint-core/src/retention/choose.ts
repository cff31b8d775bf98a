/** Which checkpoints of one stream stay. */
import type { CheckpointInfo } from '../checkpointer/snapshot.js';
import type { Needs } from './needs.js';
import { type RetentionPolicy, ruleOf } from './policy.js';

/**
 * The choice for one stream, whose checkpoints are to be handed to it newest first.
 *
 * A stream of the thread's own keeps what the policy keeps. A sub-graph's stream is no history of its own: of it stays what
 * those need that stay in the streams around it.
 *
 * @param newest - the stream's last seq, read before `needs` was: what is as new as that may be pinned by now.
 */
export function choiceFor(
  policy: RetentionPolicy,
  needs: Needs,
  newest: number,
  now: number,
): (info: CheckpointInfo) => boolean {
  const rule = ruleOf(policy, now);
  const calls = new Set<string>();
  let head: CheckpointInfo | undefined;
  let isOpen = false;
  return (info) => {
    if (head === undefined) {
      head = info;
      isOpen = needs.isOpen(info);
    }
    // Told of each, also of one that stays anyway.
    const isLast = isLastOfItsCall(info, needs, calls);
    const isOwned = head.body.owner !== undefined;
    const keptByRule = !isOwned && rule(info);
    if (keptByRule || info === head || needs.isPinned(info)) return true;
    if (!isOwned) return false;
    if (info.seq >= newest || isLast) return true;
    // Where the call that is open began.
    return isOpen && info.body.source === 'input' && info.body.run?.startId === head.body.run?.startId;
  };
}

/** An old checkpoint is shown with what its tasks had left unfinished of their calls: the last of each. */
function isLastOfItsCall({ body: { owner } }: CheckpointInfo, needs: Needs, calls: Set<string>): boolean {
  if (owner === undefined || !needs.isCalledBy(owner)) return false;
  const call = JSON.stringify([owner.checkpointId, owner.taskId, owner.key]);
  if (calls.has(call)) return false;
  calls.add(call);
  return true;
}
