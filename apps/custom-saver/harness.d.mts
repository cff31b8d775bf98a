import type { ConformanceHarness } from '@cairn/conformance-tests';

export declare const harness: ConformanceHarness;
