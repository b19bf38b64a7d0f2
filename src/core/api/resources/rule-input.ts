import { DAY_MS, HOUR_MS } from '../../plugin-api/index.js';
import { ruleError } from '../../errors/rule.errors.js';
import type { RangeInput } from '../../rules/judged-media.js';
import { type RuleInput, ruleDraft } from '../../rules/rule-draft.js';
import type { RuleDraft, StoredRule } from '../../rules/rule-store.js';
import type { ApplyBody, JudgeBody, JudgedEventWire, NewRuleBody, RulePatch, RuleWire } from '../../wire/rules.wire.js';
import type { JudgedEvent } from '../../rules/judge.js';

/** A whole rule of what was given. @throws VD_RULE_PARAMS, VD_RULE_GEOMETRY */
export function draftOf(body: NewRuleBody | (NonNullable<JudgeBody['rule']> & { name?: undefined; enabled?: undefined })): RuleDraft {
  return ruleDraft({
    name: body.name ?? 'draft',
    enabled: body.enabled ?? true,
    analyzerId: body.analyzerId,
    labels: body.labels ?? [],
    minScore: body.minScore ?? 0,
    kind: body.kind,
    points: body.points,
    params: body.params ?? {},
  });
}

/** The rule with what was given laid over it; parameters of another kind do not survive a change of kind. */
export function patchedDraft({ rule }: StoredRule, patch: RulePatch): RuleDraft {
  const { id: _, revision: __, streamId: ___, ...before } = rule;
  const isOtherKind = patch.kind !== undefined && patch.kind !== rule.kind;
  const params = patch.params ?? (isOtherKind ? {} : rule.params);
  return ruleDraft({ ...before, ...patch, params } as RuleInput);
}

/** @throws VD_RULE_RANGE */
export function rangeOf(body: ApplyBody | JudgeBody): RangeInput {
  const { epochId, fromPtsUs, toPtsUs } = body;
  if (epochId !== undefined) {
    if (body.from !== undefined || body.to !== undefined)
      throw ruleError('VD_RULE_RANGE', 'Both an epoch and a range by wall clock are given');
    return { epochId, fromPtsUs, toPtsUs };
  }
  if (fromPtsUs !== undefined || toPtsUs !== undefined)
    throw ruleError('VD_RULE_RANGE', 'A range in pts needs the epoch that the pts belong to');
  if (body.from === undefined || body.to === undefined) throw ruleError('VD_RULE_RANGE', '`from` or `to` is missing');
  const [fromMs, toMs] = [Date.parse(body.from), Date.parse(body.to)];
  if (fromMs >= toMs) throw ruleError('VD_RULE_RANGE', '`from` is not before `to`');
  if (toMs - fromMs > DAY_MS) throw ruleError('VD_RULE_RANGE', `The range is ${((toMs - fromMs) / HOUR_MS).toFixed(1)} hours`);
  return { fromMs, toMs };
}

export function ruleWireOf({ rule, createdAtMs, updatedAtMs }: StoredRule): RuleWire {
  return {
    id: rule.id,
    streamId: rule.streamId,
    name: rule.name,
    enabled: rule.enabled,
    analyzerId: rule.analyzerId,
    labels: [...rule.labels],
    minScore: rule.minScore,
    kind: rule.kind,
    points: rule.points.map(([x, y]) => [x, y]),
    params: { ...rule.params },
    revision: rule.revision,
    createdAt: new Date(createdAtMs).toISOString(),
    updatedAt: new Date(updatedAtMs).toISOString(),
  };
}

export function judgedEventWireOf(event: JudgedEvent): JudgedEventWire {
  const { epochId, key, name, state, startPtsUs, endPtsUs, endReason, data } = event;
  return {
    epochId,
    key,
    name,
    state,
    startPtsUs,
    startAt: isoOf(event.startAtUs),
    endPtsUs,
    endAt: event.endAtUs === null ? null : isoOf(event.endAtUs),
    endReason,
    data,
  };
}

export const isoOf = (us: number): string => new Date(Math.floor(us / 1_000)).toISOString();
