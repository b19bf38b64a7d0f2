import { causeCodes } from './cause-codes.js';
import { streamCodes } from './stream-codes.js';
import { systemCodes } from './system-codes.js';

/** `docs/reference/health.md`: every code with its cause and fix. */
export function healthMarkdown(): string {
  const streams = Object.entries(streamCodes).flatMap(([code, { title, severities, cause, fix }]) => [
    ...section(code, title, cause, fix),
    `Severity: ${severities.join(' or ')}.`,
    '',
  ]);
  const causes = Object.entries(causeCodes).flatMap(([code, { title, cause, fix }]) => section(code, title, cause, fix));
  const system = Object.entries(systemCodes).flatMap(([code, { title, cause, fix }]) => section(code, title, cause, fix));
  return [
    '# Health reference',
    '',
    '<!-- Generated from src/core/health/{stream,system,cause}-codes.ts by `npm run docs:reference`. -->',
    '',
    'Dashboard, `GET /api/streams/:id/health`, `GET /api/metrics` and `vedette stream health` say the same of a stream: a status,',
    'and what is wrong, the gravest first. `bad`: an error, media or results are being lost or nobody can watch. `ok`: a warning.',
    '`good`: neither. `noData`: nothing comes in that could be judged. What is not known is `null`, never zero. `since` says when an',
    'issue began, as far back as is looked at: the last minute of media for most. `analysedUpTo` says how far what it was judged by',
    'reaches. With `?at=` a moment in the past is judged, by what the ledger knew of its media then.',
    '',
    '## Streams',
    '',
    ...streams,
    '## The installation',
    '',
    '`GET /api/health` answers 200 while media can be taken in, stored and analysed, else 503 with these codes as `reasons`.',
    '',
    ...system,
    '## One sentence',
    '',
    '`GET /api/status`, the topic `status` of the socket and the bar on top of every page of the dashboard say how the whole',
    'installation is: `good`, `warn` or `bad`, one sentence, and every cause with its fix, the gravest first: those that are bad before',
    'those that are not, and then in this order. What of a private stream is wrong is told to admins alone.',
    '',
    ...causes,
  ]
    .join('\n')
    .replace(/\n+$/, '\n');
}

const section = (code: string, title: string, cause: string, fix: string): string[] => [
  `### ${code}`,
  '',
  `${title}. ${cause}`,
  '',
  `**To fix it:** ${fix}.`,
  '',
];
