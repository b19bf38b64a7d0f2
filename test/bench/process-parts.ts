import { readFileSync } from 'node:fs';
import { processTree } from '../e2e/support/process-tree.js';
import { TICKS_PER_SECOND } from './paired-ratio.js';

/** What a running Vedette consists of, as far as its processes show it. */
export const PARTS = ['supervisor', 'api', 'ingest', 'packagers', 'worker', 'hosts', 'PostgreSQL', 'others'] as const;
export type Part = (typeof PARTS)[number];
/** A figure of each part: CPU-seconds or bytes. */
export type PartFigures = Readonly<Record<Part, number>>;

const BY_COMMAND: readonly (readonly [RegExp, Part])[] = [
  [/main\.js up\b/, 'supervisor'],
  [/main\.js api\b/, 'api'],
  [/main\.js ingest\b/, 'ingest'],
  [/main\.js worker\b/, 'worker'],
  [/main\.js analysis-host\b/, 'hosts'],
  [/^\S*ffmpeg\b/, 'packagers'],
  [/postgres\b/, 'PostgreSQL'],
];

export const partOf = (command: string): Part => BY_COMMAND.find(([pattern]) => pattern.test(command))?.[1] ?? 'others';

/** CPU-seconds so far of a process and all below it, by part; what has ended counts with the part that started it. */
export const cpuSecondsByPart = (rootPid: number): PartFigures =>
  sumByPart(rootPid, (pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // utime and stime, and those of children that were waited for.
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS_PER_SECOND;
  });

/** Memory in bytes of a process and all below it, by part: what is shared is shared out (PSS), so that the sum is what the system would get back. */
export const memoryBytesByPart = (rootPid: number): PartFigures =>
  sumByPart(rootPid, (pid) => Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) * 1024);

export const totalOf = (figures: PartFigures): number => PARTS.reduce((sum, part) => sum + figures[part], 0);
export const minus = (now: PartFigures, before: PartFigures): PartFigures => mapParts((part) => now[part] - before[part]);
export const per = (figures: PartFigures, divisor: number): PartFigures => mapParts((part) => figures[part] / divisor);

/** @example api 74, ingest 66, hosts 132 */
export const partsText = (figures: PartFigures, format: (value: number) => string): string =>
  PARTS.filter((part) => figures[part] > 0)
    .map((part) => `${part} ${format(figures[part])}`)
    .join(', ');

function sumByPart(rootPid: number, read: (pid: number) => number): PartFigures {
  const sums: Record<Part, number> = { ...mapParts(() => 0) };
  for (const { pid, command } of processTree(rootPid)) {
    try {
      sums[partOf(command)] += read(pid);
    } catch {
      // It has just ended: its parent counts its time now, and nobody its memory.
    }
  }
  return sums;
}

const mapParts = (value: (part: Part) => number): PartFigures =>
  Object.fromEntries(PARTS.map((part) => [part, value(part)])) as Record<Part, number>;
