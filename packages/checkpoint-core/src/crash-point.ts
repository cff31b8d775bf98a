/**
 * Named places where a test may kill the process, so that "a crash at this instant" is a test and not a hope.
 *
 * A point costs one comparison while none is armed. `CAIRN_CRASH_AT` in the environment arms them before the program
 * starts: `name#k` kills at the k-th time the point is reached (the first without `#k`); several are separated by commas.
 */

let armed: Map<string, number> | undefined = parseCrashPoints(process.env['CAIRN_CRASH_AT']);

/**
 * Kills this process with SIGKILL when `name` is armed and its count has run out; does nothing otherwise.
 *
 * @param name - `area:moment`, such as `sqlite:put-before-commit`.
 */
export function crashPoint(name: string): void {
  if (armed === undefined) return;
  const left = armed.get(name);
  if (left === undefined) return;
  armed.set(name, left - 1);
  if (left === 1) process.kill(process.pid, 'SIGKILL');
}

/** Arms the points of `spec` (the form of `CAIRN_CRASH_AT`) in this process; undefined disarms all. */
export function armCrashPoints(spec: string | undefined): void {
  armed = parseCrashPoints(spec);
}

function parseCrashPoints(spec: string | undefined): Map<string, number> | undefined {
  if (spec === undefined || spec === '') return undefined;
  const points = new Map<string, number>();
  for (const point of spec.split(',')) {
    const [name = '', count = '1'] = point.split('#');
    points.set(name, Number(count));
  }
  return points;
}
