// Comparing Node versions with the forms of range that `engines` is written in: ">=26", "^22.18", and several with "||".

/**
 * @param {string} version such as "v22.18.0"; a pre-release suffix is ignored
 * @param {string} range
 */
export function satisfies(version, range) {
  return range.split('||').some((part) => {
    const [, operator, wanted] = /^(>=|\^)\s*(\d+(?:\.\d+){0,2})$/.exec(part.trim()) ?? [];
    if (wanted === undefined) throw new Error(`The range "${range}" is not made of >=1.2.3 and ^1.2.3.`);
    const sameMajor = numbers(version)[0] === numbers(wanted)[0];
    return compareVersions(version, wanted) >= 0 && (operator === '>=' || sameMajor);
  });
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
