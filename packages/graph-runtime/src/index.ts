/** StateGraph: build, run, interrupt, resume, travel in time. Everything public is exported here, by name. */
export { ConflictingCallError, DuplicateCallError } from './errors/call-errors.js';
export {
  InvalidGraphError,
  StorageRequiredError,
  UnknownTargetError,
} from './errors/graph-errors.js';
export {
  AmbiguousAnswerError,
  InterruptAnsweredError,
  InvalidAnswerError,
  InvalidPayloadError,
  NoOpenInterruptError,
  SwallowedInterruptError,
  UnknownInterruptError,
} from './errors/interrupt-errors.js';
export {
  DuplicateStepError,
  NodeFailedError,
  NodeTimeoutError,
  RouteFailedError,
  StepTimeoutError,
  TaskEndedError,
} from './errors/node-errors.js';
export {
  GraphDrainingError,
  RecoveryLimitError,
  RunCancelledError,
  RunDrainedError,
  SuperstepLimitError,
  UnfinishedRunError,
  UntouchedCopyError,
} from './errors/run-errors.js';
export {
  FutureStateVersionError,
  MigrationFailedError,
  MissingMigrationError,
  StateMismatchError,
  UnknownNodeError,
} from './errors/state-errors.js';
export { ConflictingUpdateError, InvalidUpdateError } from './errors/update-errors.js';
export type { Goto } from './graph/command.js';
export { Command } from './graph/command.js';
export type { CheckpointOf } from './graph/compiled-graph.js';
export { CompiledGraph } from './graph/compiled-graph.js';
export { END, START } from './graph/names.js';
export type {
  AttemptPolicy,
  CachePolicy,
  InputOptions,
  NodeFunction,
  NodeOf,
  NodeOptions,
  NodeResult,
  RetryPolicy,
} from './graph/node.js';
export { Send } from './graph/send.js';
export type { CompileOptions } from './graph/state-graph.js';
export { StateGraph } from './graph/state-graph.js';
export type {
  MappedSubgraphOptions,
  SharedSubgraphOptions,
  SubgraphOptions,
} from './graph/subgraph.js';
export type { ForkOptions, HeadAddress } from './history/fork.js';
export type {
  ChildState,
  StateAddress,
  StateHistoryOptions,
  StateSnapshot,
  StateSummary,
  TaskFailure,
} from './history/get-state.js';
export type { StateUpdate, StreamHead, UpdateStateOptions, UpdateTarget } from './history/update-state.js';
export type { OnBusy } from './run/acquire-lease.js';
export type { DrainOptions, DrainReport } from './run/active-runs.js';
export type { Durability } from './run/durability.js';
export type { InvokeOptions, LeaseOptions, ResumeOptions, RunOptions } from './run/options.js';
export type { RecoveredThread, RecoverOptions } from './run/recover.js';
export type { OpenInterrupt, RunResult } from './run/result.js';
export type { RunTrace, SuperstepTrace, TaskTrace } from './run/tracing.js';
export type { Channel, ChannelKind, Channels } from './state/channel.js';
export type { StateDefinition } from './state/define-state.js';
export { defineState } from './state/define-state.js';
export { list } from './state/list.js';
export type { Migration, Migrations, OldValues, PendingUpdate, StateMigration } from './state/migration.js';
export { record } from './state/record.js';
export { reduce } from './state/reduce.js';
export type { Schema } from './state/schema.js';
export type { DeepReadonly, StateOf, UpdateOf } from './state/types.js';
export { value } from './state/value.js';
export type {
  StreamData,
  StreamEvent,
  StreamMode,
  SubgraphEvent,
  TaskProgress,
  TaskRun,
  TaskUpdate,
} from './stream/events.js';
export { isRootEvent } from './stream/events.js';
export type { GraphStream, OnBreak } from './stream/graph-stream.js';
export type { StreamOf, StreamOptions } from './stream/stream.js';
export type { InterruptDefinition } from './task/define-interrupt.js';
export { defineInterrupt } from './task/define-interrupt.js';
export { isInterrupt } from './task/interrupt-signal.js';
export type { CallOptions, NodeContext, StepCall, StepKey, StepOptions } from './task/node-context.js';
export type { CachedResult, ResultCache } from './task/result-cache.js';
export { MemoryResultCache } from './task/result-cache.js';
export type { CompatibilityReport } from './versions/check-compatibility.js';
export { checkCompatibility } from './versions/check-compatibility.js';
export type { ChannelDescription, GraphDescription } from './versions/describe-graph.js';
export type { EachThreadOptions, ThreadProblem } from './versions/each-thread.js';
export type { MigrateThreadsOptions, MigrationProgress, MigrationReport } from './versions/migrate-threads.js';
export { migrateThreads } from './versions/migrate-threads.js';
