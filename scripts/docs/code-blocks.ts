// Finding the TypeScript blocks of a Markdown page. Checking and running them is check-docs.ts's work.

/** A block fenced with ```ts, as a module: `run` says it is executed too, `continues` joins it to the block before. */
export interface CodeModule {
  /** The page's path from the repository's root. */
  readonly page: string;
  readonly runs: boolean;
  readonly code: string;
  /** For each line of `code`, its line in the page (from 1). */
  readonly pageLines: readonly number[];
}

const words = new Set(['run', 'continues']);

/**
 * @throws Error when a fence holds a word other than those above: nothing may quietly go unchecked.
 */
export function codeModules(page: string, text: string): CodeModule[] {
  const modules: { page: string; runs: boolean; lines: string[]; pageLines: number[] }[] = [];
  let fence:
    | { marker: string; indent: number; target: { lines: string[]; pageLines: number[] } | undefined }
    | undefined;

  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const [, indent = '', marker = '', info = ''] = /^(\s*)(`{3,}|~{3,})\s*(.*)$/.exec(line) ?? [];
    if (fence === undefined) {
      if (marker === '') continue;
      const [language, ...flags] = info.trim().split(/\s+/);
      if (language !== 'ts' && language !== 'typescript') {
        fence = { marker, indent: indent.length, target: undefined };
        continue;
      }
      const unknown = flags.find((flag) => !words.has(flag));
      if (unknown !== undefined) {
        throw new Error(`${page}:${index + 1}: a ts block may be marked ${[...words].join(' or ')}, not "${unknown}".`);
      }
      const last = modules.at(-1);
      if (flags.includes('continues') && last === undefined) {
        throw new Error(`${page}:${index + 1}: this block continues another, but it is the first of its page.`);
      }
      const target = flags.includes('continues') && last ? last : { page, runs: false, lines: [], pageLines: [] };
      if (target !== last) modules.push(target);
      target.runs ||= flags.includes('run');
      fence = { marker, indent: indent.length, target };
    } else if (marker.startsWith(fence.marker) && info === '') {
      fence = undefined;
    } else {
      fence.target?.lines.push(line.slice(Math.min(fence.indent, line.search(/\S|$/))));
      fence.target?.pageLines.push(index + 1);
    }
  }
  return modules.map(({ lines, ...module }) => ({ ...module, code: `${lines.join('\n')}\n` }));
}
