import { join } from 'node:path';
import { loadErrorTable } from '../../../src/core/errors/error-table.js';
import type { ErrorFactory } from '../../../src/core/plugin-api/index.js';
import { ROOT, sources } from './tree.js';

export interface DocumentedError {
  readonly code: string;
  /** Absent for plugins' and adapters' own errors: their messages say it all. */
  readonly title?: string;
  readonly fix: string;
  readonly httpStatus?: number;
  readonly retryable: boolean;
  /** Where the table stands: `core`, `adapters/rtmp`, … */
  readonly home: string;
}

/** What built-in plugins and adapters define, and what worker hosts say to plugins: `defineErrors` in an `errors.ts`. */
async function pluginErrors(file: string): Promise<DocumentedError[]> {
  const home = file.split('/').slice(1, 3).join('/');
  const tables = Object.values((await import(join(ROOT, file))) as Record<string, Partial<ErrorFactory<string>>>);
  return tables.flatMap(({ rows = {} }) =>
    Object.entries(rows).map(([code, { fix, retryable = false }]) => ({ code, fix, retryable, home })),
  );
}

export async function documentedErrors(): Promise<DocumentedError[]> {
  const core = (await loadErrorTable()).map((row) => ({ ...row, home: 'core' }));
  const files = sources().filter((file) => /^src\/((adapters|plugins)\/[^/]+|core\/worker-host\/protocol)\/errors\.ts$/.test(file));
  const others = (await Promise.all(files.map(pluginErrors))).flat();
  return [...core, ...others].sort((a, b) => (a.code < b.code ? -1 : 1));
}

/** `docs/reference/errors.md` */
export function errorsMarkdown(errors: readonly DocumentedError[]): string {
  const homes = [...new Set(errors.map(({ home }) => home))].sort((a, b) => (a === 'core' ? -1 : b === 'core' ? 1 : a < b ? -1 : 1));
  const section = (home: string): string[] => [
    `## ${home === 'core' ? 'Core' : `\`${home}\``}`,
    '',
    ...errors
      .filter((error) => error.home === home)
      .flatMap(({ code, title, fix, httpStatus, retryable }) => [
        `### ${code}`,
        '',
        ...(title === undefined ? [] : [`${title}.`, '']),
        `**To fix it:** ${fix}`,
        '',
        `${httpStatus === undefined ? '' : `HTTP ${httpStatus}, `}${
          retryable ? 'a later attempt may succeed without a change' : 'stays until its cause is removed'
        }.`,
        '',
      ]),
  ];
  return [
    '# Error reference',
    '',
    '<!-- Generated from the error tables by `npm run docs:reference`. -->',
    '',
    'Every error that an operator or caller can solve has a code. The message says what happened and where; this page says what to do.',
    '',
    ...homes.flatMap(section),
  ].join('\n');
}
