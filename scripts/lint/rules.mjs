// The rules behind check-repository.mjs: each takes a path and its text and answers with the faults it found.

const maxLines = 300;

/** @param {string} path @param {string} text @returns {string[]} */
export function tooLong(path, text) {
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  return lines > maxLines ? [`${path}: ${lines} lines; split it before it passes ${maxLines}.`] : [];
}

/**
 * A lock file that names a registry ties every clone to it.
 *
 * @param {string} path @param {string} text @returns {string[]}
 */
export function registryAddresses(path, text) {
  return text
    .split('\n')
    .flatMap((line, index) =>
      /\btarball:|\bresolved:|https?:\/\//.test(line) ? [`${path}:${index + 1}: holds an address: ${line.trim()}`] : [],
    );
}
