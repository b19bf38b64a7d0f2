import type { AnalysisResult, JsonObject, MetricResult, PtsUs } from '../plugin-api/index.js';
import { EVENTS_PER_SEGMENT, type Rule } from './rule.js';

/** Why an event ended: the object went, was not seen any more, the media was not analysed, the rule or its analyzer was changed. */
export type EndedBy = 'left' | 'lost' | 'not-analysed' | 'rule-changed' | 'analyzer-changed';

/** What of a rule names its events; also of one that has been changed or deleted since. */
export type RuleIdentity = Pick<Rule, 'id' | 'revision'>;

/** One occurrence is named by its rule, the rule's revision, whose it is and when it began: judged again, it has the same name. */
export const eventKey = ({ id, revision }: RuleIdentity, subject: string, startPtsUs: PtsUs): string =>
  `rule:${id}:${revision}:${subject}:${startPtsUs}`;

/** Gathers what a rule finds in one segment. */
export class Findings {
  readonly results: AnalysisResult[] = [];
  private begun = 0;
  /** Events not told because the rule tells too many. */
  dropped = 0;

  constructor(private readonly rule: Rule) {}

  /** @returns false when the rule has told enough of this segment */
  start(subject: string, startPtsUs: PtsUs, data: JsonObject): boolean {
    if (this.begun >= EVENTS_PER_SEGMENT) {
      this.dropped++;
      return false;
    }
    this.begun++;
    const { id, revision, name, kind } = this.rule;
    this.results.push({
      type: 'event',
      phase: 'start',
      key: eventKey(this.rule, subject, startPtsUs),
      name: kind,
      ptsUs: startPtsUs,
      data: { ruleId: id, ruleName: name, revision, ...data },
    });
    return true;
  }

  end(subject: string, startPtsUs: PtsUs, endPtsUs: PtsUs, data: JsonObject): void {
    this.results.push({
      type: 'event',
      phase: 'end',
      key: eventKey(this.rule, subject, startPtsUs),
      name: this.rule.kind,
      ptsUs: endPtsUs,
      data,
    });
  }

  metric(what: string, ptsUs: PtsUs, value: number, unit: MetricResult['unit']): void {
    this.results.push({ type: 'metric', ptsUs, name: `rule:${this.rule.id}:${what}`, value, unit });
  }
}

export const durationMs = (fromUs: PtsUs, toUs: PtsUs): number => Math.round((toUs - fromUs) / 1_000);
