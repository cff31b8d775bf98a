/** The suite every saver passes, ours and yours. Everything public is exported here, by name. */

export type { CaseGroup, ConformanceCase, Requirement } from './case.js';
export { caseGroups, exclusion, groupOf } from './case.js';
export { conformanceCases } from './cases.js';
export type { CaseContext } from './context.js';
export type { BatchParts, Builders, Change, CommitParts } from './fixtures/commits.js';
export type { Random } from './fixtures/random.js';
export type { TestClock } from './fixtures/test-clock.js';
export { testClock } from './fixtures/test-clock.js';
export { reportToJUnit } from './format-junit.js';
export { formatReport, reportToJson } from './format-report.js';
export type { ConformanceHarness, HarnessEnvironment, RecordedStore } from './harness.js';
export type { Mutant } from './mutants/mutant.js';
export { mutantHarness } from './mutants/mutant-harness.js';
export { mutants } from './mutants.js';
export type { Files } from './power-cut/disk.js';
export type { FileOperation } from './power-cut/file-operation.js';
export type { RegisterOptions, TestRunner } from './register.js';
export { registerConformance } from './register.js';
export type { ConformanceReport, Counts, Grade, GroupReport } from './report.js';
export type { RunOptions } from './run.js';
export { runConformance } from './run.js';
export type { CaseResult } from './run-case.js';
