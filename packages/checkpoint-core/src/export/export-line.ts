/**
 * One stored row as one line of JSON, and back: the export format, version 1.
 *
 * ```
 * {"cairn":"export","version":1}                             first
 * {"digest":"…","row":{"kind":"thread","threadId":"t",…}}    a row: its clear fields, `bytes` in base64
 * {"cairn":"end","threads":1,"rows":7}                       last; without it the export is not whole
 * ```
 *
 * A row is what `MaintainableSaver.scan` yields, and the digest is `rawDigest` of it. The rows of a thread follow one
 * another, its `thread` row first.
 */
import { CorruptCheckpointError } from '../errors/encoding-errors.js';
import { InvalidExportError } from '../errors/storage-errors.js';
import { rawDigest } from '../raw-digest.js';
import type { RawRecord } from '../records.js';

const VERSION = 1;

export const firstLine = JSON.stringify({ cairn: 'export', version: VERSION });

/** What an export holds, as its last line says. */
export interface ExportCount {
  readonly threads: number;
  readonly rows: number;
}

export function lastLine({ threads, rows }: ExportCount): string {
  return JSON.stringify({ cairn: 'end', threads, rows });
}

export function toLine(row: RawRecord): string {
  const fields = 'bytes' in row ? { ...row, bytes: Buffer.from(row.bytes).toString('base64') } : row;
  return JSON.stringify({ digest: rawDigest(row), row: fields }).replaceAll(/[\u2028\u2029]/g, escaped);
}

/** JSON lets them stand as they are, and many readers of lines end one there. */
function escaped(separator: string): string {
  return separator === '\u2028' ? '\\u2028' : '\\u2029';
}

/** @throws InvalidExportError unless the line begins an export of this version. */
export function checkFirstLine(line: string): void {
  const { cairn, version } = parse(line, 1);
  if (cairn !== 'export') throw new InvalidExportError(1, 'does not begin an export of Cairn');
  if (version === VERSION) return;
  throw new InvalidExportError(1, `says version ${String(version)}, and this Cairn reads ${VERSION}: update it`);
}

/**
 * The row of a line, or the count of the last one.
 *
 * @param number - of the line, from 1.
 * @throws InvalidExportError when the line is none.
 * @throws CorruptCheckpointError when its digest says that the row was altered.
 */
export function fromLine(line: string, number: number): RawRecord | ExportCount {
  const { cairn, threads, rows, digest, row } = parse(line, number);
  if (cairn === 'end' && typeof threads === 'number' && typeof rows === 'number') return { threads, rows };
  const record = isFields(row) ? toRow(row) : undefined;
  if (record === undefined) throw new InvalidExportError(number, 'holds no row');
  if (digestOfRow(record) === digest) return record;
  throw new CorruptCheckpointError(
    `Line ${number} of the export was altered: its row has another digest. Export the thread anew.`,
    { threadId: record.threadId },
  );
}

export function isCount(line: RawRecord | ExportCount): line is ExportCount {
  return !('kind' in line);
}

function toRow(fields: Fields): RawRecord | undefined {
  const { threadId, bytes } = fields;
  if (typeof threadId !== 'string') return undefined;
  const own = typeof bytes === 'string' ? { ...fields, bytes: bytesOf(bytes) } : fields;
  // JSON has no undefined.
  return (own.kind === 'checkpoint' ? { ...own, parentId: own.parentId } : own) as unknown as RawRecord;
}

/** A plain byte array, as savers hand out, with memory of its own. */
function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(Buffer.from(base64, 'base64'));
}

/** Undefined for what is no row at all: fields that it must have are missing. */
function digestOfRow(row: RawRecord): string | undefined {
  try {
    return rawDigest(row);
  } catch {
    return undefined;
  }
}

type Fields = Readonly<Record<string, unknown>>;

function parse(line: string, number: number): Fields {
  try {
    const value: unknown = JSON.parse(line);
    if (isFields(value)) return value;
  } catch (cause) {
    throw new InvalidExportError(number, 'is no JSON', { cause });
  }
  throw new InvalidExportError(number, 'is no JSON object');
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
