import { sentenceOf } from '../../core/health/health-issue.js';
import type { StreamHealthWire, StreamMeasuresWire } from '../../core/wire/health.wire.js';
import { textTable } from '../capacity/text-table.js';

export interface NamedHealth extends StreamHealthWire {
  readonly name: string;
}

/** The answer for a person: a stream a line, its issues below it; of a single stream what was measured, too. */
export function healthText(streams: readonly NamedHealth[]): string {
  const [only] = streams;
  if (only === undefined) return 'There are no streams.\n';
  const lines = textTable(
    ['stream', 'status', 'up to'].map((title) => ({ title })),
    streams.map(({ name, status, measures }) => [name, status, measures.mediaUpTo ?? '']),
  );
  const [head = '', ...rows] = lines;
  const told = streams.flatMap((stream, i) => [rows[i]!, ...issueLines(stream)]);
  return `${[head, ...told, ...(streams.length === 1 ? ['', ...measureLines(only.measures)] : [])].join('\n')}\n`;
}

const issueLines = ({ issues }: StreamHealthWire): string[] =>
  issues.flatMap((issue) => [
    `  ${issue.severity}: ${sentenceOf(issue)}`,
    `    ${issue.code}${issue.since === null ? '' : `, since ${issue.since}`}`,
  ]);

function measureLines(measures: StreamMeasuresWire): string[] {
  const rows = Object.entries(measures).map(([name, value]) => [name, valueText(value)]);
  return textTable([{ title: 'measure' }, { title: 'value' }], rows);
}

function valueText(value: StreamMeasuresWire[keyof StreamMeasuresWire]): string {
  if (value === null) return 'unknown';
  if (typeof value === 'number') return String(Math.round(value * 1000) / 1000);
  return typeof value === 'object' ? (Object.keys(value).length === 0 ? 'none' : JSON.stringify(value)) : String(value);
}
