// The environment tasks run in: the caller's, with our folders first on PATH.
import { delimiter } from 'node:path';

/**
 * @param {NodeJS.ProcessEnv} base
 * @param {readonly string[]} folders searched before everything that was on PATH
 * @returns {NodeJS.ProcessEnv}
 */
export function environment(base, folders) {
  // Windows spells it "Path", and setting a second spelling would leave the choice to chance.
  const key = Object.keys(base).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  const path = [...folders, ...(base[key] ? [base[key]] : [])].join(delimiter);
  return { ...base, [key]: path, TURBO_TELEMETRY_DISABLED: '1' };
}
