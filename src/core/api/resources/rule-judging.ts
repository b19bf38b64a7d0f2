import { Injectable } from '@nestjs/common';
import { ruleError } from '../../errors/rule.errors.js';
import { judgePast, type Judgement } from '../../rules/judge.js';
import { type EpochSpan, JudgedMedia, type RangeInput } from '../../rules/judged-media.js';
import type { Rule } from '../../rules/rule.js';
import { summarise } from '../../rules/judgement-summary.js';
import { FairSlots, type Asker } from '../http/fair-slots.js';
import type { JudgeBody, JudgementWire } from '../../wire/rules.wire.js';
import { isoOf, judgedEventWireOf } from './rule-input.js';

const DEFAULT_CONTEXT_MS = 60_000;
const DEFAULT_LIMIT = 1_000;
/** Up to this much media is summarised by the minute. */
const BY_MINUTE_US = 3 * 3_600_000_000;
/** Each takes seconds of this process and of the database. */
const SLOTS = { atOnce: 2, perToken: 1, waitingPerToken: 1 };

/** Judges the past for the API, a few at a time. */
@Injectable()
export class RuleJudging {
  private readonly slots = new FairSlots(SLOTS, (detail) => ruleError('VD_RULE_BUSY', `Judging of the past: ${detail}`));

  constructor(private readonly media: JudgedMedia) {}

  /** @throws VD_RULE_BUSY, VD_RULE_RANGE, VD_RULE_TOO_MUCH, VD_RULE_UNTRACKED */
  judge(
    asker: Asker,
    rule: Rule,
    range: RangeInput,
    contextMs = DEFAULT_CONTEXT_MS,
  ): Promise<{ spans: readonly EpochSpan[]; judgement: Judgement }> {
    return this.slots.run(asker, async () => {
      const spans = await this.media.spans(rule.streamId, range);
      return { spans, judgement: await judgePast(rule, spans, this.media, contextMs) };
    });
  }

  wire(
    rule: Rule,
    spans: readonly EpochSpan[],
    judgement: Judgement,
    { summary, limit = DEFAULT_LIMIT }: Pick<JudgeBody, 'summary' | 'limit'>,
  ): JudgementWire {
    const { events } = judgement;
    const nowUs = Date.now() * 1_000;
    const step =
      summary ?? (spans.reduce((sum, { fromPtsUs, toPtsUs }) => sum + toPtsUs - fromPtsUs, 0) <= BY_MINUTE_US ? 'minute' : 'hour');
    return {
      judged: {
        epochs: spans.length,
        segments: judgement.segments,
        detections: judgement.detections,
        analysedMs: judgement.analysedUs / 1_000,
      },
      counts: {
        events: events.length,
        tracks: new Set(
          events.filter(({ data }) => data['trackId'] !== undefined).map(({ epochId, data }) => `${epochId} ${String(data['trackId'])}`),
        ).size,
        in: events.filter(({ data }) => data['direction'] === 'in').length,
        out: events.filter(({ data }) => data['direction'] === 'out').length,
        totalMs: Math.round(
          events.reduce((sum, { startAtUs, endAtUs }) => sum + ((endAtUs ?? Math.max(startAtUs, nowUs)) - startAtUs) / 1_000, 0),
        ),
        dropped: judgement.dropped,
      },
      summary: {
        step,
        items: summarise(judgement, rule, step, nowUs).map(({ fromUs, ...bucket }) => ({ from: isoOf(fromUs), ...bucket })),
      },
      events: events.slice(0, limit).map(judgedEventWireOf),
      truncated: events.length > limit,
    };
  }
}
