// Type-checks the modules found in the docs, all in one TypeScript program, and runs those marked `run`.
// They are written inside the repository, so that `@cairn/*` means the built packages, as it does for a user.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import type { CodeModule } from './code-blocks.js';

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  moduleDetection: ts.ModuleDetectionKind.Force,
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  erasableSyntaxOnly: true,
  skipLibCheck: true,
  noEmit: true,
};

/** The modules of the docs as files in a folder, for as long as a check needs them. */
export class DocsCheck {
  readonly #folder: string;
  readonly #modules: ReadonlyMap<string, CodeModule>;

  constructor(root: string, modules: readonly CodeModule[]) {
    const parent = join(root, '.docs-check');
    mkdirSync(parent, { recursive: true });
    this.#folder = mkdtempSync(join(parent, 'run-'));
    this.#modules = new Map(modules.map((module, index) => [resolve(this.#folder, `block-${index + 1}.ts`), module]));
    for (const [file, module] of this.#modules) writeFileSync(file, module.code);
  }

  /** What the compiler finds wrong, each as `page:line: message`. */
  typeErrors(): string[] {
    const program = ts.createProgram([...this.#modules.keys()], options);
    const suppressed = [...this.#modules.values()].flatMap((module) =>
      /@ts-(?:nocheck|ignore)/.test(module.code)
        ? [`${module.page}:${module.pageLines[0]}: @ts-nocheck and @ts-ignore hide errors.`]
        : [],
    );
    return [...suppressed, ...ts.getPreEmitDiagnostics(program).map((diagnostic) => this.#describe(diagnostic))];
  }

  /** Runs a module in an empty folder of its own. Rejects with what it printed when it does not exit with 0. */
  async run(module: CodeModule, environment: Readonly<Record<string, string>> = {}): Promise<void> {
    const file = [...this.#modules].find(([, candidate]) => candidate === module)?.[0];
    if (file === undefined) throw new Error('This module is not among those checked.');
    const cwd = mkdtempSync(join(tmpdir(), 'cairn-docs-'));
    try {
      await promisify(execFile)(process.execPath, [file], {
        cwd,
        timeout: 60_000,
        env: { ...process.env, ...environment },
      });
    } catch (error) {
      const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
      throw new Error(`${module.page}:${module.pageLines[0]}: this block failed when run.\n${stderr}`, {
        cause: error,
      });
    } finally {
      rmSync(cwd, { recursive: true, force: true });
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #describe(diagnostic: ts.Diagnostic): string {
    const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n  ');
    const module = diagnostic.file && this.#modules.get(resolve(diagnostic.file.fileName));
    if (!module || !diagnostic.file) return `TS${diagnostic.code}: ${message}`;
    const { line } = diagnostic.file.getLineAndCharacterOfPosition(diagnostic.start ?? 0);
    return `${module.page}:${module.pageLines[line] ?? module.pageLines.at(-1)}: TS${diagnostic.code}: ${message}`;
  }
}
