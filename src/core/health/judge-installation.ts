import { skippedShare } from './analysis-rules.js';
import { causeCodes, CAUSE_CODES, type CauseCode } from './cause-codes.js';
import type { HealthIssue } from './health-issue.js';
import type { RunEndings, StreamMeasures } from './stream-measures.js';

/** `bad`: media or results are being lost, or nobody can watch. `warn`: they soon may be, or some are. */
export const CAUSE_LEVELS = ['warn', 'bad'] as const;
export type CauseLevel = (typeof CAUSE_LEVELS)[number];

export interface Named {
  readonly id: string;
  readonly name: string;
  readonly title: string;
}

/** One thing that is wrong, as a person is told it. */
export interface Cause {
  readonly code: CauseCode;
  readonly level: CauseLevel;
  /** In English; `fix` goes on after a colon. */
  readonly text: string;
  readonly fix: string;
  /** What the text is made of, for whoever says it in another language. */
  readonly params: Readonly<Record<string, string | number>>;
  /** When it began; null where that is not known. */
  readonly sinceMs: number | null;
  /** The only stream that it is about; null: several, or none. */
  readonly stream: Named | null;
  readonly analyzer: { readonly id: string; readonly title: string } | null;
  /** To be sent to acknowledge it; null: it ends when its reason does. */
  readonly acknowledge: string | null;
}

/** A stream as its own rules judged it. */
export interface StreamFacts extends Named {
  readonly issues: readonly HealthIssue[];
  readonly measures: Pick<StreamMeasures, 'atMs' | 'analysis'>;
}

export interface FailingAnalyzer {
  readonly streamId: string;
  readonly analyzerId: string;
  /** When the first run failed after the last that did not. */
  readonly sinceMs: number;
}

export interface InstallationFacts {
  /** Why nothing can be written, though the database answers. */
  readonly databaseFault: string | null;
  readonly databaseLowBytes: number | null;
  readonly media: readonly { readonly name: string; readonly writeFault: string | null; readonly lowBytes: number | null }[];
  readonly missingRoles: readonly ('ingest' | 'worker')[];
  readonly listeners: readonly { readonly id: string; readonly host: string; readonly detail: string | null }[];
  /** Null: they could not be judged. */
  readonly streams: readonly StreamFacts[] | null;
  readonly failing: readonly FailingAnalyzer[];
  readonly titleOf: (analyzerId: string) => string;
  readonly crashes: readonly {
    readonly role: string;
    readonly host: string;
    readonly count: number;
    readonly lastAtMs: number;
    readonly upTo: string;
  }[];
  readonly storage: readonly string[];
  readonly plugins: readonly { readonly id: string; readonly error: string }[];
  readonly providers: readonly { readonly provider: string; readonly host: string; readonly reason: string }[];
  readonly unmatched: readonly string[];
}

/** What is told by causes of its own, over all streams at once. */
const OF_ANALYSIS: ReadonlySet<string> = new Set(['runs-failed', 'runs-skipped', 'analysis-lag']);

/** What keeps the installation from being well, the gravest first; empty where all is well. */
export function judgeInstallation(facts: InstallationFacts): Cause[] {
  const streams = facts.streams ?? [];
  const causes = [
    ...one(facts.databaseFault, (reason) => causeOf('database-unwritable', 'bad', `The database takes nothing (${reason})`, { reason })),
    ...facts.media.flatMap(mediaTrouble),
    ...facts.missingRoles.map((role) => causeOf(`no-${role}`, 'bad', causeCodes[`no-${role}`].title, {})),
    ...facts.listeners.map(({ id, host, detail }) =>
      causeOf('listener-down', 'bad', `Listener ${id} on ${host} does not run${detail === null ? '' : ` (${detail})`}`, { id, host }),
    ),
    ...streams.flatMap(streamTrouble),
    ...failures(streams, facts),
    ...behind(streams, facts),
    ...facts.crashes.map(died),
    ...one(facts.databaseLowBytes, (bytes) => lowDisk('database-disk-low', "the database's disk", '', bytes)),
    ...facts.storage.map((text) => causeOf('storage', 'warn', text, { text })),
    ...facts.plugins.map(({ id, error }) => causeOf('plugin-failed', 'warn', `Plugin ${id} failed: ${error}`, { id, error })),
    ...facts.providers.map(({ provider, host, reason }) =>
      causeOf('provider-unusable', 'warn', `Models cannot run on ${provider} on ${host}: ${reason}`, { provider, host, reason }),
    ),
    ...facts.unmatched.map((text) => causeOf('settings-unmatched', 'warn', text, { text })),
    ...(facts.streams === null ? [causeOf('streams-unknown', 'warn', causeCodes['streams-unknown'].title, {})] : []),
  ];
  return causes.toSorted((a, b) => weight(b) - weight(a) || CAUSE_CODES.indexOf(a.code) - CAUSE_CODES.indexOf(b.code));
}

/** The API cannot ask anything. @param sinceMs when it was last answered */
export const databaseUnreachable = (sinceMs: number | null): Cause => ({
  ...causeOf('database-unreachable', 'bad', causeCodes['database-unreachable'].title, {}),
  sinceMs,
});

const weight = ({ level }: Cause): number => CAUSE_LEVELS.indexOf(level);

function causeOf(
  code: CauseCode,
  level: CauseLevel,
  text: string,
  params: Cause['params'],
  more: Partial<Pick<Cause, 'fix' | 'sinceMs' | 'stream' | 'analyzer' | 'acknowledge'>> = {},
): Cause {
  const { fix } = causeCodes[code];
  return { code, level, text, fix, params, sinceMs: null, stream: null, analyzer: null, acknowledge: null, ...more };
}

const one = <T>(value: T | null, cause: (value: T) => Cause): Cause[] => (value === null ? [] : [cause(value)]);

function mediaTrouble({ name, writeFault, lowBytes }: InstallationFacts['media'][number]): Cause[] {
  if (writeFault !== null) {
    const text = `Nothing can be recorded on ${name}: its media folder takes nothing (${writeFault})`;
    return [causeOf('media-unwritable', 'bad', text, { node: name, reason: writeFault })];
  }
  return one(lowBytes, (bytes) => lowDisk('media-disk-low', `the media disk of ${name}`, name, bytes));
}

function lowDisk(code: 'database-disk-low' | 'media-disk-low', disk: string, node: string, bytes: number): Cause {
  const mebibytes = Math.floor(bytes / 1024 ** 2);
  return causeOf(code, 'warn', `Only ${mebibytes} MiB are left on ${disk}`, { node, mebibytes });
}

/** The gravest thing about a stream that is more than worth knowing. */
function streamTrouble({ issues, measures: _, ...stream }: StreamFacts): Cause[] {
  const gravest = issues.find(({ code, severity }) => severity !== 'info' && !OF_ANALYSIS.has(code));
  if (gravest === undefined) return [];
  const { code: issue, reason, fix, sinceMs, severity } = gravest;
  const params = { stream: stream.title, issue, reason };
  return [
    causeOf('stream-trouble', severity === 'error' ? 'bad' : 'warn', `${stream.title}: ${reason}`, params, {
      fix,
      sinceMs,
      stream: named(stream),
    }),
  ];
}

/** By analyzer: one that fails on all streams is one trouble. */
function failures(streams: readonly StreamFacts[], { failing, titleOf }: InstallationFacts): Cause[] {
  const ended = streams.flatMap((stream) =>
    (stream.measures.analysis?.endings ?? []).map((ending) => ({ stream, ending, isFailed: ending.state === 'failed' })),
  );
  const byAnalyzer = Map.groupBy(ended, ({ ending }) => ending.analyzerId);
  return [...byAnalyzer].flatMap(([id, all]) => {
    const failed = all.filter(({ isFailed }) => isFailed);
    if (failed.length === 0) return [];
    const troubled = [...new Map(failed.map(({ stream }) => [stream.id, stream])).values()];
    const [runs, of] = [countOf(failed), countOf(all.filter(({ stream }) => troubled.includes(stream)))];
    const [stream] = troubled;
    const worst = failed.toSorted((a, b) => b.ending.count - a.ending.count)[0]!.ending;
    const title = titleOf(id);
    const whose = troubled.length === 1 ? `of ${stream!.title}` : `on ${troubled.length} streams`;
    const isAlways = runs === of;
    const share = isAlways ? '' : ` for ${runs} of ${of} segments`;
    const code = worst.reason ?? 'unknown';
    const since = failing
      .filter(({ analyzerId, streamId }) => analyzerId === id && troubled.some((each) => each.id === streamId))
      .map(({ sinceMs }) => sinceMs);
    return [
      causeOf(
        'analysis-failing',
        runs >= of / 2 ? 'bad' : 'warn',
        `${title} ${whose} fails${share} (${code})`,
        { analyzer: title, stream: stream!.title, streams: troubled.length, runs, of, code },
        {
          sinceMs: since.length === 0 ? null : Math.min(...since),
          stream: troubled.length === 1 ? named(stream!) : null,
          analyzer: { id, title },
        },
      ),
    ];
  });
}

/** Over all streams: they wait for the same workers. */
function behind(streams: readonly StreamFacts[], { titleOf }: InstallationFacts): Cause[] {
  const late = streams.filter(({ issues }) => issues.some(({ code }) => code === 'analysis-lag'));
  const skipping = streams.filter(({ issues }) => issues.some(({ code }) => code === 'runs-skipped'));
  const troubled = [...new Set([...late, ...skipping])];
  if (troubled.length === 0) return [];
  const issues = troubled.flatMap((stream) => stream.issues.filter(({ code }) => code === 'analysis-lag' || code === 'runs-skipped'));
  const level = issues.some(({ severity }) => severity === 'error') ? 'bad' : 'warn';
  const endings = skipping.flatMap(({ measures }) => measures.analysis?.endings ?? []);
  const told = skippedOf(endings, titleOf);
  const [first] = troubled;
  const whose = troubled.length === 1 ? ` of ${first!.title}` : ` on ${troubled.length} streams`;
  const about = {
    stream: troubled.length === 1 ? named(first!) : null,
    sinceMs: leastOf(issues.map(({ sinceMs }) => sinceMs)),
  };
  const common = { stream: first!.title, streams: troubled.length, ...told };
  if (late.length === 0) return [causeOf('analysis-skipping', level, skipText(told!, whose), common, about)];
  const lagS = Math.round(Math.max(...late.map(({ measures }) => waitedMs(measures))) / 1000);
  const text = `Analysis${whose} is ${lagS} s behind${told === null ? '' : `: ${skipText(told, '')}`}`;
  return [causeOf('analysis-behind', level, text, { ...common, lagS }, about)];
}

interface Skipped {
  readonly skipped: number;
  readonly of: number;
  readonly analyzer: string;
  readonly why: string;
}

const skipText = ({ skipped, of, analyzer, why }: Skipped, whose: string): string =>
  `${skipped} of ${of} segments${whose} are skipped (${analyzer}: ${why})`;

/** What is skipped most often, and why; null where nothing is. */
function skippedOf(endings: readonly RunEndings[], titleOf: (id: string) => string): Skipped | null {
  const { share, reasons } = skippedShare({ upToMs: null, waitingSinceMs: null, endings });
  const [first] = reasons;
  if (share === null || first === undefined) return null;
  return { ...fractionOf(share), analyzer: titleOf(first.analyzerId), why: first.reason ?? 'unknown' };
}

const SMALL_NUMBERS = [2, 3, 4, 5, 10, 20] as const;
const NEAR_ENOUGH = 0.025;

/** @returns the share as people say it: 0.79 is four of five. What is not all is never said to be all. */
export function fractionOf(share: number): { readonly skipped: number; readonly of: number } {
  if (share === 1) return { skipped: 10, of: 10 };
  const of = SMALL_NUMBERS.find((n) => isPart(share, n) && Math.abs(Math.round(share * n) / n - share) <= NEAR_ENOUGH) ?? 20;
  return { skipped: Math.min(of - 1, Math.max(1, Math.round(share * of))), of };
}

const isPart = (share: number, of: number): boolean => Math.round(share * of) > 0 && Math.round(share * of) < of;

const waitedMs = ({ atMs, analysis }: StreamFacts['measures']): number => atMs - (analysis?.waitingSinceMs ?? atMs);

function died({ role, host, count, lastAtMs, upTo }: InstallationFacts['crashes'][number]): Cause {
  const times = count === 1 ? 'once' : `${count} times`;
  const text = `${role} on ${host} ended ${times} without being asked to`;
  return causeOf('process-died', 'warn', text, { role, host, count }, { sinceMs: lastAtMs, acknowledge: upTo });
}

const named = ({ id, name, title }: Named): Named => ({ id, name, title });
const countOf = (ended: readonly { readonly ending: RunEndings }[]): number => ended.reduce((sum, { ending }) => sum + ending.count, 0);
const leastOf = (times: readonly (number | null)[]): number | null => {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.min(...known);
};
