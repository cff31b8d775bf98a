/**
 * Which of a stream's records its checkpoints need, by counting: so that dropping a checkpoint tells at once which records
 * nothing rests on any more, however long the stream's history is. For savers whose `prune` decides outside of the store.
 */
import type { ChannelVersion } from './records.js';

export class RecordReach {
  readonly #restsOn = new Map<string, readonly number[]>();
  /** For each record, how many checkpoints name it as a channel's version. */
  readonly #users = new Map<string, number>();
  /** For each record, how many named records rest on it. */
  readonly #pins = new Map<string, number>();

  /** Notes what a record rests on; must come before the checkpoints that name it. */
  addRecord(record: ChannelVersion, restsOn: readonly number[]): void {
    if (restsOn.length > 0) this.#restsOn.set(keyOf(record), restsOn);
  }

  addCheckpoint(channels: readonly ChannelVersion[]): void {
    for (const version of channels) {
      if (change(this.#users, keyOf(version), 1) > 1) continue;
      for (const base of this.#basesOf(version)) change(this.#pins, keyOf(base), 1);
    }
  }

  /** Forgets a checkpoint. @returns the records that no other needs. */
  dropCheckpoint(channels: readonly ChannelVersion[]): ChannelVersion[] {
    const freed: ChannelVersion[] = [];
    for (const version of channels) {
      if (change(this.#users, keyOf(version), -1) > 0) continue;
      const bases = this.#basesOf(version);
      for (const base of bases) change(this.#pins, keyOf(base), -1);
      freed.push(...[version, ...bases].filter((record) => !this.#isNeeded(record)));
    }
    return freed;
  }

  #basesOf(version: ChannelVersion): ChannelVersion[] {
    return (this.#restsOn.get(keyOf(version)) ?? []).map((seq) => ({ channel: version.channel, seq }));
  }

  #isNeeded(record: ChannelVersion): boolean {
    const key = keyOf(record);
    return this.#users.has(key) || this.#pins.has(key);
  }
}

function keyOf({ channel, seq }: ChannelVersion): string {
  return `${seq}/${channel}`;
}

function change(counts: Map<string, number>, key: string, by: 1 | -1): number {
  const count = (counts.get(key) ?? 0) + by;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
  return count;
}
