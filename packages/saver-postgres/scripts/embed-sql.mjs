// Writes src/migrations.generated.ts from sql/*.sql, so that a bundled saver finds its migrations without reading files.
// With --check it changes nothing and fails when the two differ. The .sql files are the source of truth.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';

const sqlFolder = new URL('../sql/', import.meta.url);
const target = new URL('../src/migrations.generated.ts', import.meta.url);

const files = existsSync(sqlFolder) ? readdirSync(sqlFolder).filter((name) => name.endsWith('.sql')) : [];
const wanted = render(
  files.sort().map((name) => [basename(name, '.sql'), readFileSync(new URL(name, sqlFolder), 'utf8')]),
);

if (!process.argv.includes('--check')) {
  writeFileSync(target, wanted);
} else if ((existsSync(target) ? readFileSync(target, 'utf8') : '') !== wanted) {
  console.error(
    'packages/saver-postgres: src/migrations.generated.ts is not what sql/ says. Run `node packages/saver-postgres/scripts/embed-sql.mjs`.',
  );
  process.exitCode = 1;
}

/** @param {readonly (readonly [name: string, sql: string])[]} migrations */
function render(migrations) {
  const entries = migrations.map(
    ([name, sql]) => `  {\n    name: '${name}',\n    sql: \`${escapeTemplate(sql)}\`,\n  },\n`,
  );
  return [
    '// Generated from sql/*.sql by scripts/embed-sql.mjs: change the .sql files and run it again.\n',
    `export const migrations: readonly { name: string; sql: string }[] = [${entries.length > 0 ? '\n' : ''}`,
    ...entries,
    '];\n',
  ].join('');
}

/** @param {string} text */
function escapeTemplate(text) {
  return text.replace(/[\\`]|\$(?=\{)/g, '\\$&');
}
