import { ruleError } from '../errors/rule.errors.js';
import type { AnalysisResult, JsonObject, PtsUs } from '../plugin-api/index.js';
import { endRule, evaluateRule, needsTracks, type RuleState } from './evaluate.js';
import type { AnalysedRun, EpochSpan, JudgedMedia } from './judged-media.js';
import type { Rule } from './rule.js';

const RUNS_PER_CHUNK = 50;
const MAX_RUNS = 100_000;
const MAX_SIGHTINGS = 3_000_000;
const MAX_EVENTS = 20_000;
const PATIENCE_MS = 25_000;

/** An event as judging finds it; what live evaluation would have stored. */
export interface JudgedEvent {
  readonly epochId: string;
  readonly configHash: string;
  readonly key: string;
  readonly name: string;
  readonly startPtsUs: PtsUs;
  readonly startAtUs: number;
  state: 'open' | 'closed';
  endPtsUs: PtsUs | null;
  endAtUs: number | null;
  endReason: 'epoch-ended' | 'range-ended' | null;
  data: JsonObject;
  readonly firstRunId: string;
  lastRunId: string;
}

export interface JudgedMetric {
  readonly name: string;
  readonly atUs: number;
  readonly value: number;
}

export interface Judgement {
  /** By start. */
  readonly events: JudgedEvent[];
  readonly metrics: JudgedMetric[];
  readonly segments: number;
  readonly detections: number;
  /** Media of the range that was looked at. */
  readonly analysedUs: number;
  /** Whose detections were looked at: what live evaluation settles meanwhile is not among them. */
  readonly runIds: readonly string[];
  readonly dropped: number;
}

/** Media that is looked at before the range, for what reaches into it, and after it, for what began in it. */
export function contextUs(rule: Rule, contextMs: number): number {
  const toTellMs = rule.kind === 'dwell' ? rule.params.dwellMs : rule.kind === 'count' ? rule.params.forMs + rule.params.stepMs : 0;
  return (contextMs + toTellMs + rule.params.maxGapMs) * 1_000;
}

/**
 * Judges stored media by a rule, with the very function that judges live: events belong to where they start, so that ranges side
 * by side share none. Reads in chunks; bounded in what it reads, keeps and takes.
 * @throws VD_RULE_TOO_MUCH, VD_RULE_UNTRACKED
 */
export async function judgePast(
  rule: Rule,
  spans: readonly EpochSpan[],
  media: JudgedMedia,
  contextMs: number,
  nowMs: () => number = () => performance.now(),
): Promise<Judgement> {
  const deadlineMs = nowMs() + PATIENCE_MS;
  const tally = { runs: 0, sightings: 0, tracked: 0, analysedUs: 0, dropped: 0 };
  const [events, metrics, runIds]: [JudgedEvent[], JudgedMetric[], string[]] = [[], [], []];
  for (const span of spans) {
    const context = contextUs(rule, contextMs);
    const epoch = new EpochJudgement(rule, span, context);
    const runs = await media.runs(
      span.epochId,
      rule.analyzerId,
      span.fromPtsUs - context,
      span.toPtsUs + context,
      MAX_RUNS - tally.runs + 1,
    );
    tally.runs += runs.length;
    if (tally.runs > MAX_RUNS) tooMuch(`more than ${MAX_RUNS} segments`);
    for (let from = 0; from < runs.length; from += RUNS_PER_CHUNK) {
      const chunk = runs.slice(from, from + RUNS_PER_CHUNK);
      const seen = await media.sightings(span, rule, chunk, MAX_SIGHTINGS - tally.sightings + 1);
      for (const run of chunk) {
        runIds.push(run.runId);
        const sightings = seen.get(run.runId) ?? [];
        tally.sightings += sightings.length;
        tally.tracked += sightings.filter(({ trackId }) => trackId !== undefined).length;
        tally.analysedUs += Math.max(0, Math.min(run.ptsEndUs, span.toPtsUs) - Math.max(run.ptsStartUs, span.fromPtsUs));
        tally.dropped += epoch.take(run, { ...run, sightings });
      }
      if (tally.sightings > MAX_SIGHTINGS) tooMuch(`more than ${MAX_SIGHTINGS} detections`);
      if (events.length + epoch.events.size > MAX_EVENTS) tooMuch(`more than ${MAX_EVENTS} events`);
      if (nowMs() > deadlineMs) tooMuch(`more than can be judged within ${PATIENCE_MS / 1_000} s`);
    }
    epoch.finish(runs.at(-1));
    events.push(...epoch.events.values());
    metrics.push(...epoch.metrics);
  }
  if (needsTracks(rule) && tally.sightings > 0 && tally.tracked === 0) {
    throw ruleError(
      'VD_RULE_UNTRACKED',
      `None of the ${tally.sightings} detections of ${rule.analyzerId} in the range belongs to a track, which a rule ` +
        `of the kind ${rule.kind} needs`,
    );
  }
  events.sort((a, b) => a.startAtUs - b.startAtUs || (a.key < b.key ? -1 : 1));
  return {
    events,
    metrics,
    segments: tally.runs,
    detections: tally.sightings,
    analysedUs: tally.analysedUs,
    runIds,
    dropped: tally.dropped,
  };
}

/** One epoch's part: what the ledger does with results as they come, done in memory. */
class EpochJudgement {
  readonly events = new Map<string, JudgedEvent>();
  readonly metrics: JudgedMetric[] = [];
  private state: RuleState | undefined;
  private last: AnalysedRun | undefined;

  constructor(
    private readonly rule: Rule,
    private readonly span: EpochSpan,
    private readonly contextUs: number,
  ) {}

  /** @returns how many events the rule did not get to tell */
  take(run: AnalysedRun, segment: Parameters<typeof evaluateRule>[2]): number {
    if (this.last !== undefined && this.last.configHash !== run.configHash && this.state !== undefined) {
      this.fold(endRule(this.rule, this.state, 'analyzer-changed'), this.last);
      this.state = undefined;
    }
    this.last = run;
    const { results, state, dropped } = evaluateRule(this.rule, this.state, segment);
    this.state = state;
    this.fold(results, run);
    return dropped;
  }

  /** Ends what is open where the epoch ended, as the ledger does; or where judging ended, unless the event goes on live. */
  finish(last: AnalysedRun | undefined): void {
    const { span } = this;
    const judgedToUs = last?.ptsEndUs ?? span.fromPtsUs;
    const reachesEnd = span.toPtsUs + this.contextUs >= span.mediaEndUs;
    for (const event of this.events.values()) {
      if (event.state === 'closed' || (span.isOpen && reachesEnd)) continue;
      event.endReason = reachesEnd ? 'epoch-ended' : 'range-ended';
      this.close(event, reachesEnd ? Math.max(span.mediaEndUs, 0) : Math.max(judgedToUs, event.startPtsUs));
    }
  }

  private fold(results: readonly AnalysisResult[], run: AnalysedRun): void {
    const { span } = this;
    const isIn = (ptsUs: PtsUs): boolean => ptsUs >= span.fromPtsUs && ptsUs < span.toPtsUs;
    for (const result of results) {
      if (result.type === 'metric' && isIn(result.ptsUs))
        this.metrics.push({ name: result.name, atUs: span.zeroAtUs + result.ptsUs, value: result.value });
      if (result.type !== 'event') continue;
      let event = this.events.get(result.key);
      if (event === undefined) {
        // The end of an event that began before the range belongs to the range before.
        if (result.phase !== 'start' || !isIn(result.ptsUs)) continue;
        event = {
          epochId: span.epochId,
          configHash: run.configHash,
          key: result.key,
          name: result.name,
          startPtsUs: result.ptsUs,
          startAtUs: span.zeroAtUs + result.ptsUs,
          state: 'open',
          endPtsUs: null,
          endAtUs: null,
          endReason: null,
          data: {},
          firstRunId: run.runId,
          lastRunId: run.runId,
        };
        this.events.set(result.key, event);
      }
      event.data = { ...event.data, ...result.data };
      event.lastRunId = run.runId;
      if (result.phase === 'end') this.close(event, result.ptsUs);
    }
  }

  private close(event: JudgedEvent, ptsUs: PtsUs): void {
    event.state = 'closed';
    event.endPtsUs ??= ptsUs;
    event.endAtUs ??= this.span.zeroAtUs + ptsUs;
  }
}

function tooMuch(what: string): never {
  throw ruleError('VD_RULE_TOO_MUCH', `The range holds ${what}`);
}
