import { Inject, Injectable } from '@nestjs/common';
import { ruleError } from '../errors/rule.errors.js';
import type { ClaimedRun, ClaimedSegment } from '../persistence/ledger/run-ledger.js';
import {
  type AnalysisResult,
  CodedError,
  type DetectionResult,
  errorText,
  type JsonValue,
  type Logger,
  RESULT_LIMITS,
  type TaskOutcome,
  type TrackingSpec,
} from '../plugin-api/index.js';
import { loggerOf } from '../observability/component-logger.js';
import { PluginRegistry } from '../plugin-host/plugin-registry.js';
import { endRule, evaluateRule, needsTracks, ruleStateFrom } from '../rules/evaluate.js';
import type { Rule } from '../rules/rule.js';
import { RuleStore } from '../rules/rule-store.js';
import { trackResults } from './track-results.js';
import { readRunState, type RunState, writeRunState } from './run-state.js';

/** Of a checkpoint: names of its parts, revisions, punctuation. */
const ENVELOPE_BYTES = 4_096;

type Ended = Extract<TaskOutcome, { status: 'done' | 'partial' }>;
type StreamRules = Pick<RuleStore, 'inForce'>;

/**
 * What core makes of an analyzer's results before they are settled, whichever strategy brought them: detections get their tracks,
 * and the stream's rules are judged over them. All state comes from the checkpoint of the claimed run and goes into the one that
 * is committed with the results; nothing is kept in memory, so that an attempt that is not committed leaves no trace.
 */
@Injectable()
export class ResultStage {
  private readonly tracking: ReadonlyMap<string, TrackingSpec>;
  private readonly warned = new Set<string>();

  constructor(
    @Inject(PluginRegistry) { analyzers }: Pick<PluginRegistry, 'analyzers'>,
    @Inject(RuleStore) private readonly rules?: StreamRules,
    @Inject(loggerOf('pipeline')) private readonly logger?: Pick<Logger, 'warn'>,
  ) {
    this.tracking = new Map(
      analyzers.flatMap(({ definition, tracking }) => (tracking === undefined ? [] : [[definition.id, tracking] as const])),
    );
  }

  /** @throws a coded error when the rules cannot be read or judged: the run is tried again then */
  async apply(run: ClaimedRun, work: ClaimedSegment, ended: Ended): Promise<Ended> {
    const before = readRunState(run.checkpoint?.data);
    const rules = await this.rulesOf(run, work, before);
    const spec = this.tracking.get(run.analyzerId);
    if (spec === undefined && rules.length === 0 && before.rules === undefined) return ended;
    try {
      const tracked =
        spec === undefined
          ? { results: ended.results, state: undefined }
          : trackResults(spec, before.tracking, ended.results, work.segment.sequence);
      const judged = this.judge(rules, before.rules ?? {}, tracked.results, work, sizeOf([ended.checkpoint, tracked.state]));
      const checkpoint = writeRunState({ analyzer: ended.checkpoint, tracking: tracked.state, rules: judged.state });
      const { checkpoint: _, ...rest } = ended;
      return { ...rest, results: [...tracked.results, ...judged.results], checkpoint };
    } catch (error) {
      if (error instanceof CodedError) throw error;
      throw ruleError('VD_RULE_FAILED', `${run.analyzerId} on segment ${work.segment.sequence}: ${errorText(error)}`, { cause: error });
    }
  }

  /** What another worker knew of the rules when it left the checkpoint is never undone by a memory that has not caught up. */
  private async rulesOf(run: ClaimedRun, work: ClaimedSegment, before: RunState): Promise<readonly Rule[]> {
    if (this.rules === undefined) return [];
    const { streamId } = work.stream;
    let inForce = await this.rules.inForce(streamId);
    const isBehind = Object.entries(before.rules ?? {}).some(
      ([id, [revision]]) => (inForce.find((rule) => rule.id === id)?.revision ?? -1) < revision,
    );
    if (isBehind) inForce = await this.rules.inForce(streamId, true);
    return inForce.filter(({ analyzerId }) => analyzerId === run.analyzerId);
  }

  /**
   * Rules never cost an analyzer its results: one that tells more than there is room for in the run is left out of this segment, as if
   * it had not been analysed; one whose state does not fit into the checkpoint forgets it.
   */
  private judge(
    rules: readonly Rule[],
    before: NonNullable<RunState['rules']>,
    results: readonly AnalysisResult[],
    work: ClaimedSegment,
    usedBytes: number,
  ): { results: AnalysisResult[]; state: NonNullable<RunState['rules']> } {
    const found: AnalysisResult[] = [];
    const state: Record<string, readonly [number, JsonValue]> = {};
    for (const [id, [revision, data]] of Object.entries(before)) {
      if (rules.some((rule) => rule.id === id && rule.revision === revision)) continue;
      const left = ruleStateFrom(data);
      if (left !== undefined) found.push(...endRule({ id, revision }, left, 'rule-changed'));
    }
    const sightings = rules.length === 0 ? [] : results.filter((result): result is DetectionResult => result.type === 'detection');
    for (const rule of rules) {
      const last = before[rule.id];
      const from = last?.[0] === rule.revision ? ruleStateFrom(last[1]) : undefined;
      const evaluation = evaluateRule(rule, from, { ...work.segment, sightings });
      const hasRoom = results.length + found.length + evaluation.results.length <= RESULT_LIMITS.resultsPerRun;
      const next = (hasRoom ? evaluation.state : from) as unknown as JsonValue | undefined;
      const nextBytes = sizeOf([rule.id, next]);
      const isKept = next !== undefined && usedBytes + nextBytes <= RESULT_LIMITS.runStateBytes - ENVELOPE_BYTES;
      if (hasRoom) found.push(...evaluation.results);
      if (isKept) {
        state[rule.id] = [rule.revision, next];
        usedBytes += nextBytes;
      }
      this.warn(rule, work, sightings, evaluation.dropped + (hasRoom && isKept ? 0 : 1));
    }
    return { results: found, state };
  }

  /** Once per rule and revision: what an operator can mend. */
  private warn(rule: Rule, work: ClaimedSegment, sightings: readonly DetectionResult[], dropped: number): void {
    if (dropped > 0)
      this.warnOnce(
        rule,
        ruleError(
          'VD_RULE_FLOODS',
          `Rule ${rule.name} of ${work.stream.streamName} told more than can be kept of one segment; the rest of it was dropped`,
        ),
      );
    if (
      needsTracks(rule) &&
      sightings.length > 0 &&
      !this.tracking.has(rule.analyzerId) &&
      sightings.every(({ trackId }) => trackId === undefined)
    ) {
      this.warnOnce(
        rule,
        ruleError('VD_RULE_UNTRACKED', `Rule ${rule.name} of ${work.stream.streamName}: ${rule.analyzerId} gives its detections no tracks`),
      );
    }
  }

  private warnOnce(rule: Rule, { code, message, fix }: CodedError): void {
    const key = `${code} ${rule.id} ${rule.revision}`;
    if (this.warned.has(key)) return;
    this.warned.add(key);
    this.logger?.warn(`${code}: ${message}. ${fix ?? ''}`, { code, ruleId: rule.id });
  }
}

const sizeOf = (parts: readonly (JsonValue | undefined)[]): number =>
  parts.reduce<number>((sum, part) => sum + (part === undefined ? 0 : Buffer.byteLength(JSON.stringify(part))), 0);
