/** The saver contract, and all that gives bytes meaning. Everything public is exported here, by name. */

export type { CheckpointAddress, CheckpointId, Namespace, StreamAddress } from './address.js';
export {
  addressLimits,
  checkAddress,
  checkChannel,
  checkCheckpointId,
  checkNamespace,
  checkTaskId,
  checkThreadId,
  compareText,
  namespaceKey,
  parseNamespaceKey,
} from './address.js';
export type { SaverCapabilities } from './capabilities.js';
export type {
  CheckpointBody,
  CheckpointSource,
  ChildOwner,
  ChildPin,
  JsonValue,
  Metadata,
  RunPosition,
  StateStamp,
  StoredJoin,
  TaskPlan,
  TaskTrail,
} from './checkpoint-body.js';
export { newCheckpointId } from './checkpoint-id.js';
export type { CheckpointerOptions } from './checkpointer/checkpointer.js';
export { Checkpointer } from './checkpointer/checkpointer.js';
export type { StateDifference } from './checkpointer/compare.js';
export type { LoadedCheckpoint, LoadRequest, SavedCheckpoint } from './checkpointer/loaded.js';
export type { ReencryptProgress, ReencryptRequest } from './checkpointer/reencrypt.js';
export type { RememberOptions } from './checkpointer/remembered-heads.js';
export type { SaveRequest } from './checkpointer/save.js';
export type {
  CheckpointInfo,
  CheckpointSnapshot,
  CommitRequest,
  DecodedWrite,
  WriteRequest,
} from './checkpointer/snapshot.js';
export type { HistoryRequest, ThreadInfo, ThreadsRequest } from './checkpointer/threads.js';
export type { CommitTrace, ReadTrace, RecordTrace } from './checkpointer/traced-saver.js';
export type { StoreFault } from './checkpointer/verify.js';
export type { Clock } from './clock.js';
export { systemClock } from './clock.js';
export { counted } from './counted.js';
export { armCrashPoints, crashPoint } from './crash-point.js';
export type { Chain, ChainLink } from './delta/chain.js';
export type { ValueDifference } from './delta/differences.js';
export { ValueKeeper } from './delta/value-keeper.js';
export type { CairnSerializerOptions } from './encoding/cairn-serializer.js';
export { createCairnSerializer } from './encoding/cairn-serializer.js';
export { digestOf } from './encoding/checksum.js';
export type { CompressionMethod, CompressionOptions } from './encoding/compression.js';
export type { EncodingLimits, EncodingOptions } from './encoding/formats.js';
export type { EncryptionKey, EncryptionOptions } from './encoding/key-ring.js';
export type { RegisteredClass } from './encoding/registry.js';
export { registerClass } from './encoding/registry.js';
export type { Serializer } from './encoding/serializer.js';
export type { ErrorCode, ErrorDetails } from './errors/checkpoint-error.js';
export { CheckpointError, hasCode, quoteId } from './errors/checkpoint-error.js';
export type { HeadPosition } from './errors/conflict-errors.js';
export { CheckpointConflictError, LeaseLostError, ThreadBusyError } from './errors/conflict-errors.js';
export {
  CorruptCheckpointError,
  FutureFormatError,
  KeyUnavailableError,
  NoWholeCheckpointError,
  UnencryptedRecordError,
  UnknownClassError,
  UnknownFormatError,
  UnknownKeyError,
  UnserializableValueError,
} from './errors/encoding-errors.js';
export {
  CheckpointNotFoundError,
  InvalidAddressError,
  InvalidArgumentError,
  InvalidExportError,
  SaverClosedError,
  SaverUnavailableError,
  SchemaMissingError,
  SchemaTooNewError,
  ThreadExistsError,
  ThreadNotFoundError,
} from './errors/storage-errors.js';
export type { ExportRequest } from './export/export-threads.js';
export { exportThreads } from './export/export-threads.js';
export type { ImportedThread, ImportReport, ImportRequest } from './export/import-threads.js';
export { importThreads } from './export/import-threads.js';
export { isWantedHeader, isWantedThread, reportedStatus } from './filters.js';
export type { FoundBatch, FoundPlace } from './guards.js';
export { checkBatch, checkKeysDistinct, checkLease, checkPlace, conflict } from './guards.js';
export type { Lease, LeaseRequest } from './lease.js';
export { checkLeaseRequest, checkLeaseTtl } from './lease.js';
export { rawDigest } from './raw-digest.js';
export { RecordReach } from './record-reach.js';
export type {
  ChannelRecord,
  ChannelVersion,
  CheckpointCommit,
  CheckpointHeader,
  Digest,
  ListQuery,
  PendingWrite,
  PendingWriteBatch,
  PruneReport,
  RawChannelRecord,
  RawCheckpoint,
  RawPendingWrite,
  RawRecord,
  RawStream,
  RawThread,
  ReportedThreadStatus,
  StoredCheckpoint,
  StoredHead,
  ThreadQuery,
  ThreadStatus,
  ThreadSummary,
} from './records.js';
export type { MendedHead } from './repair/judgement.js';
export type { Quarantine } from './repair/quarantine.js';
export { QuarantineFile } from './repair/quarantine.js';
export type { RepairedThread, RepairRequest } from './repair/repair.js';
export type { SalvagedThread, SalvageRequest } from './repair/salvage.js';
export type { RowPlace, SetAsideRow } from './repair/set-aside.js';
export type { ExpireReport, ExpireRequest } from './retention/expire.js';
export type { RetainedInfo, RetentionOptions, RetentionPolicy } from './retention/policy.js';
export type { PruneRequest, PruneTrace, RetentionReport } from './retention/retention.js';
export type { RetryNotice } from './retry-notice.js';
export { publishRetry } from './retry-notice.js';
export { RowTally } from './row-tally.js';
export type { CheckpointSaver, MaintainableSaver } from './saver.js';
export { isMaintainable } from './saver.js';
export type { Traced, TracedCalls } from './tracing.js';
export { tracedCalls } from './tracing.js';
