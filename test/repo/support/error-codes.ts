import { loadErrorTable } from '../../../src/core/errors/error-table.js';
import { sources, textOf } from './tree.js';

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

/**
 * Tables of built-in plugins and adapters: an `errors.ts` in their folder, read as text since it is none of core's business.
 * Either rows (`VD_X: { fix: '…' }`) or constructors (`new CodedError('VD_X', message, 'fix')`).
 */
const TABLE_ROW = /^ {2}(VD_[A-Z0-9_]+): \{(.*?)^ {2}\},/gms;
const CONSTRUCTED = /new CodedError\(\s*'(VD_[A-Z0-9_]+)',\s*(?:`[^`]*`|'[^']*'|\w+),\s*(?:'([^']*)'|`([^`]*)`|\w+)([^;]*?)\)[,;]/gs;
const FIX_IN_MESSAGE = 'The error says it, since it depends on what was found.';

function pluginErrors(file: string): DocumentedError[] {
  const home = file.split('/').slice(1, 3).join('/');
  const text = textOf(file);
  const rows = [...text.matchAll(TABLE_ROW)].map(([, code = '', body = '']) => ({
    code,
    fix: (/fix:\s*(['"`])(.*?)\1,?\s*$/ms.exec(body)?.[2] ?? '').replaceAll('\\', ''),
    retryable: /retryable:\s*true/.test(body),
    home,
  }));
  const constructed = [...text.matchAll(CONSTRUCTED)].map(([, code = '', quoted, template, rest = '']) => ({
    code,
    fix: quoted ?? template ?? FIX_IN_MESSAGE,
    retryable: /retryable:\s*true/.test(rest),
    home,
  }));
  return [...rows, ...constructed];
}

export async function documentedErrors(): Promise<DocumentedError[]> {
  const core = (await loadErrorTable()).map((row) => ({ ...row, home: 'core' }));
  const others = sources()
    .filter((file) => /^src\/(adapters|plugins)\/[^/]+\/errors\.ts$/.test(file))
    .flatMap(pluginErrors);
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
        `**To mend it:** ${fix}`,
        '',
        `${httpStatus === undefined ? '' : `HTTP ${httpStatus}, `}${retryable ? 'goes away by itself or when tried again' : 'stays until it is mended'}.`,
        '',
      ]),
  ];
  return [
    '# Error reference',
    '',
    '<!-- Generated from the error tables by `npm run docs:reference`. -->',
    '',
    'Every error an operator or caller can mend has a code. The message says what happened and where; this page says what to do.',
    '',
    ...homes.flatMap(section),
  ].join('\n');
}
