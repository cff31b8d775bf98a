/** From a channel's records to its value: the full one, and the differences on it, one after another. */
import { DeltaFolder } from '../delta/apply.js';
import { type Chain, type ChainLink, FULL_LEVEL, isBase, linkAfter } from '../delta/chain.js';
import { currentEpoch, freezeOwn } from '../delta/kept.js';
import { hasCode } from '../errors/checkpoint-error.js';
import { CorruptCheckpointError } from '../errors/encoding-errors.js';
import type { ChannelRecord } from '../records.js';
import { type RecordAddress, recordAddresses } from './row-addresses.js';
import { type RowCodec, recordTitle } from './row-codec.js';

/** How often differences were gathered in a record, and how many bytes of the value before it takes away. */
interface Rank {
  readonly level: number;
  readonly gone: number;
}

/** A record, and the bytes of its payload. */
interface Step extends Rank {
  readonly record: ChannelRecord;
  readonly bytes: number;
}

/**
 * The value that records fold to.
 *
 * @param records - oldest first; each rests on all before it.
 * @param onStep - called after each record is applied; the value so far costs nothing until it is asked for.
 * @throws CorruptCheckpointError when one is damaged, or rests on others than those before it.
 */
export function foldRecords(
  codec: RowCodec,
  at: RecordAddress,
  records: readonly ChannelRecord[],
  onStep: (step: Step, folder: DeltaFolder) => void = () => {},
): DeltaFolder {
  let folder = new DeltaFolder(undefined);
  const address = recordAddresses(at, records[0]?.channel ?? '');
  let rests = '';
  for (const [place, record] of records.entries()) {
    checkRests(at, records, place);
    const opened = codec.openRecord(at, record, address(record.seq, rests));
    rests += place === 0 ? record.seq : `,${record.seq}`;
    const content = codec.decodeRecord(at, record, opened);
    const bytes = opened.payload.length;
    if (opened.kind === 'full') {
      folder = new DeltaFolder(content);
      onStep({ record, bytes, level: FULL_LEVEL, gone: 0 }, folder);
    } else {
      onStep({ record, bytes, ...applyDelta(at, record, content, folder) }, folder);
    }
  }
  return folder;
}

/** The chain with the values that differences may be made to, frozen. */
export function openChain(codec: RowCodec, at: RecordAddress, records: readonly ChannelRecord[]): Chain {
  const epoch = currentEpoch();
  // Which links' values are needed is known once all is folded; those of the lowest level never are, but the last.
  const steps: Step[] = [];
  const values: unknown[] = [];
  foldRecords(codec, at, records, (step, folder) => {
    steps.push(step);
    values.push(step.level > 0 || steps.length === records.length ? folder.value : undefined);
  });
  let highest: number | undefined;
  for (let place = steps.length - 1; place >= 0; place--) {
    const { level } = steps[place] as Step;
    values[place] = isBase(level, highest) ? freezeOwn(values[place]) : undefined;
    highest = Math.max(highest ?? 0, level);
  }
  const links: ChainLink[] = [];
  for (const [place, { record, bytes, level, gone }] of steps.entries()) {
    links.push(linkAfter(links.at(-1), { seq: record.seq, bytes, level, value: values[place], epoch, gone }));
  }
  return links;
}

function applyDelta(at: RecordAddress, record: ChannelRecord, content: unknown, folder: DeltaFolder): Rank {
  const [level, delta, gone]: unknown[] = Array.isArray(content) ? content : [0, content];
  try {
    folder.apply(delta);
  } catch (cause) {
    if (!hasCode(cause, 'CAIRN_CORRUPT_CHECKPOINT')) throw cause;
    throw new CorruptCheckpointError(`The ${recordTitle(at, record)} can't be applied. ${cause.message}`, {
      ...at,
      cause,
    });
  }
  return { level: typeof level === 'number' ? level : 0, gone: typeof gone === 'number' ? gone : 0 };
}

/** The store kept the records apart: that they belong together is checked here. */
function checkRests(at: RecordAddress, records: readonly ChannelRecord[], place: number): void {
  const { restsOn } = records[place] as ChannelRecord;
  let isRest = restsOn.length === place;
  for (let i = 0; isRest && i < place; i++) isRest = restsOn[i] === records[i]?.seq;
  if (isRest) return;
  throw new CorruptCheckpointError(
    `The ${recordTitle(at, records[place] as ChannelRecord)} rests on other records than those it was found with.`,
    at,
  );
}
