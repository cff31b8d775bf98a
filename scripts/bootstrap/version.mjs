// Comparing Node versions with the one form of range this repository's `engines` uses: ">=22.18".

/**
 * @param {string} version such as "v22.18.0"; a pre-release suffix is ignored
 * @param {string} range ">=" and one to three numbers
 */
export function satisfies(version, range) {
  const wanted = /^>=\s*(\d+(?:\.\d+){0,2})$/.exec(range.trim())?.[1];
  if (wanted === undefined) throw new Error(`The range "${range}" is not of the form >=1.2.3.`);
  return compareVersions(version, wanted) >= 0;
}

/**
 * @param {string} left
 * @param {string} right
 * @returns {number} negative when left is older, 0 when they are the same, positive when left is newer
 */
export function compareVersions(left, right) {
  const [a, b] = [numbers(left), numbers(right)];
  for (let i = 0; i < 3; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** @param {string} version */
function numbers(version) {
  const core = version.replace(/^v/, '').split(/[-+]/)[0] ?? '';
  return core.split('.').map((part) => {
    if (!/^\d+$/.test(part)) throw new Error(`"${version}" is not a version.`);
    return Number(part);
  });
}
