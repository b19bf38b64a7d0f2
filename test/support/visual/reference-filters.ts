import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { FPS } from './timeline.js';

const run = promisify(execFile);

/** What ffmpeg's filters say of one picture: their metadata by name. */
export interface Said {
  readonly atS: number;
  readonly values: Readonly<Record<string, string>>;
}

/** Runs filters over a film and gives back what they say of each picture. */
export async function askFilters(path: string, filters: string): Promise<Said[]> {
  const { stdout } = await run(
    'ffmpeg',
    ['-v', 'error', '-nostdin', '-i', path, '-an', '-vf', `${filters},metadata=print:file=-`, '-f', 'null', '-'],
    {
      maxBuffer: 2 ** 28,
    },
  );
  const said: { atS: number; values: Record<string, string> }[] = [];
  for (const line of stdout.split('\n')) {
    const at = /^frame:.*pts_time:([\d.]+)/.exec(line)?.[1];
    if (at !== undefined) said.push({ atS: Number(at), values: {} });
    else if (line.includes('=')) said.at(-1)!.values[line.slice(0, line.indexOf('='))] = line.slice(line.indexOf('=') + 1);
  }
  return said;
}

export interface Span {
  readonly fromS: number;
  readonly toS: number;
}

/** Spans that a filter marks by a start and an end. */
export function marked(said: readonly Said[], start: string, end: string, endS: number): Span[] {
  const spans: { fromS: number; toS: number }[] = [];
  for (const { values } of said) {
    if (values[start] !== undefined) spans.push({ fromS: Number(values[start]), toS: endS });
    if (values[end] !== undefined && spans.length > 0) spans.at(-1)!.toS = Number(values[end]);
  }
  return spans;
}

/** Spans of pictures of which something is true, lapses up to `patienceS` let pass, shorter ones than `minS` left out. */
export function spansWhere(said: readonly Said[], isTrue: (values: Said['values']) => boolean, minS: number, patienceS = 0): Span[] {
  const spans: { fromS: number; toS: number }[] = [];
  for (const { atS, values } of said) {
    if (!isTrue(values)) continue;
    const last = spans.at(-1);
    if (last !== undefined && atS - last.toS <= patienceS + 0.5 / FPS) last.toS = atS + 1 / FPS;
    else spans.push({ fromS: atS, toS: atS + 1 / FPS });
  }
  return spans.filter(({ fromS, toS }) => toS - fromS >= minS);
}

/** Mean of a numeric value over the second that begins at `fromS`; NaN where nothing was said. */
export function meanOfSecond(said: readonly Said[], name: string, fromS: number): number {
  const values = said.filter(({ atS }) => atS >= fromS - 0.001 && atS < fromS + 0.999).map(({ values }) => Number(values[name]));
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
