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

/** A block fenced with ```ts from <path>: lines of that source file as they stand there. */
export interface Excerpt {
  readonly page: string;
  /** The line of its fence in the page (from 1). */
  readonly pageLine: number;
  /** From the repository's root. */
  readonly path: string;
  readonly lines: readonly string[];
}

interface Fence {
  readonly flags: readonly string[];
  readonly pageLine: number;
  readonly lines: string[];
}

const words = new Set(['run', 'continues']);

/** What stands in an excerpt for lines that it leaves out. */
const leftOut = /^\s*\/\/ …$/;

/**
 * @throws Error when a fence holds a word other than those above: nothing may quietly go unchecked.
 */
export function codeModules(page: string, text: string): CodeModule[] {
  const modules: { page: string; runs: boolean; lines: string[]; pageLines: number[] }[] = [];
  for (const { flags, pageLine, lines } of fences(text)) {
    if (flags[0] === 'from') continue;
    const unknown = flags.find((flag) => !words.has(flag));
    if (unknown !== undefined) {
      const allowed = `${[...words].join(' or ')}, or from a file`;
      throw new Error(`${page}:${pageLine}: a ts block may be marked ${allowed}, not "${unknown}".`);
    }
    const last = modules.at(-1);
    if (flags.includes('continues') && last === undefined) {
      throw new Error(`${page}:${pageLine}: this block continues another, but it is the first of its page.`);
    }
    const target = flags.includes('continues') && last ? last : { page, runs: false, lines: [], pageLines: [] };
    if (target !== last) modules.push(target);
    target.runs ||= flags.includes('run');
    target.lines.push(...lines);
    target.pageLines.push(...lines.map((_, index) => pageLine + 1 + index));
  }
  return modules.map(({ lines, ...module }) => ({ ...module, code: `${lines.join('\n')}\n` }));
}

/** @throws Error when a fence says `from` and names no file, or more than one. */
export function excerpts(page: string, text: string): Excerpt[] {
  return [...fences(text)].flatMap(({ flags: [word, path, ...others], pageLine, lines }) => {
    if (word !== 'from') return [];
    if (path !== undefined && others.length === 0) return [{ page, pageLine, path, lines }];
    throw new Error(`${page}:${pageLine}: a block from a file names one file: \`ts from packages/…/src/….ts\`.`);
  });
}

/**
 * The first line of an excerpt that is not in the source where it should be; undefined when all are.
 *
 * The lines stand in the source one after the other, indented alike; after a line `// …` they go on further down.
 */
export function firstDrift({ lines }: Excerpt, source: string): string | undefined {
  const rest = source.split(/\r?\n/);
  for (const part of splitAt(lines, leftOut)) {
    const at = rest.findIndex((_, index) => startsWith(rest.slice(index, index + part.length), part));
    if (at === -1) return part.find((line) => !rest.some((each) => each.trim() === line.trim())) ?? part[0];
    rest.splice(0, at + part.length);
  }
  return undefined;
}

function startsWith(source: readonly string[], part: readonly string[]): boolean {
  const indent = source[0]?.slice(0, (source[0]?.length ?? 0) - (part[0]?.length ?? 0)) ?? '';
  return part.every((line, index) => source[index] === (line === '' ? '' : indent + line));
}

function splitAt(lines: readonly string[], mark: RegExp): string[][] {
  const parts: string[][] = [[]];
  for (const line of lines) {
    if (mark.test(line)) parts.push([]);
    else parts.at(-1)?.push(line);
  }
  // Blank lines around a mark are the page's own.
  return parts.map(trimBlank).filter((part) => part.length > 0);
}

function trimBlank(part: readonly string[]): string[] {
  const first = part.findIndex((line) => line !== '');
  const last = part.findLastIndex((line) => line !== '');
  return first === -1 ? [] : part.slice(first, last + 1);
}

function* fences(text: string): Generator<Fence> {
  let open: { readonly marker: string; readonly indent: number; readonly fence: Fence | undefined } | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const [, indent = '', marker = '', info = ''] = /^(\s*)(`{3,}|~{3,})\s*(.*)$/.exec(line) ?? [];
    if (open === undefined) {
      if (marker === '') continue;
      const [language, ...flags] = info.trim().split(/\s+/);
      const isCode = language === 'ts' || language === 'typescript';
      const fence = isCode ? { flags, pageLine: index + 1, lines: [] } : undefined;
      open = { marker, indent: indent.length, fence };
    } else if (marker.startsWith(open.marker) && info === '') {
      if (open.fence !== undefined) yield open.fence;
      open = undefined;
    } else {
      open.fence?.lines.push(line.slice(Math.min(open.indent, line.search(/\S|$/))));
    }
  }
}
