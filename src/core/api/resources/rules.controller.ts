import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { apiError } from '../../errors/api.errors.js';
import { ruleError } from '../../errors/rule.errors.js';
import { AuditLog } from '../../persistence/access/audit-log.js';
import type { Rule } from '../../rules/rule.js';
import { RuleEvents } from '../../rules/rule-events.js';
import { RuleStore, type StoredRule } from '../../rules/rule-store.js';
import { RequireRole } from '../auth/access.js';
import { actorOf } from '../auth/request-actor.js';
import { principalOf } from '../auth/principal.js';
import { askerOf } from '../http/asker.js';
import { Operation } from '../openapi/operation.js';
import { idParams, type IdParams } from '../../wire/inputs.js';
import * as wire from '../../wire/rules.wire.js';
import { pageOf, type Page } from '../../wire/wire.js';
import { draftOf, patchedDraft, rangeOf, ruleWireOf } from './rule-input.js';
import { RuleLabels } from './rule-labels.js';
import { RuleJudging } from './rule-judging.js';
import { StreamAccess } from './stream-access.js';

/** A draft's events need a name, too. */
const DRAFT_ID = '00000000-0000-4000-8000-000000000000';

/** Zones, lines, dwells and counts over a stream's detections: edited here, judged live by the workers and over the past here. */
@Controller('api/streams/:id/rules')
export class RulesController {
  constructor(
    private readonly rules: RuleStore,
    private readonly events: RuleEvents,
    private readonly judging: RuleJudging,
    private readonly access: StreamAccess,
    private readonly labels: RuleLabels,
    private readonly audit: AuditLog,
  ) {}

  @Get()
  @Operation({
    id: 'listRules',
    tag: 'rules',
    summary: "A stream's rules, by name",
    response: pageOf(wire.ruleWire),
    problems: { 404: 'No such stream' },
  })
  async list(@Param({ schema: idParams }) params: IdParams, @Req() request: Request): Promise<Page<wire.RuleWire>> {
    await this.access.one(params.id, principalOf(request));
    return { items: (await this.rules.list(params.id)).map(ruleWireOf), next: null };
  }

  @Post()
  @Operation({
    id: 'createRule',
    tag: 'rules',
    summary: 'Make a rule; it is judged from the next segment on',
    response: wire.ruleWire,
    status: 201,
    problems: { 404: 'No such stream', 409: 'The name is taken, or there are too many rules' },
  })
  async create(
    @Param({ schema: idParams }) params: IdParams,
    @Body({ schema: wire.newRuleBody }) body: wire.NewRuleBody,
    @Req() request: Request,
  ): Promise<wire.RuleWire> {
    const principal = principalOf(request);
    await this.access.one(params.id, principal);
    await this.labels.mustExist(body.analyzerId, body.labels ?? []);
    const made = await this.rules.create(params.id, draftOf(body));
    await this.audit.record({
      by: actorOf(request),
      action: 'rule.create',
      target: made.rule.id,
      detail: { streamId: params.id, name: body.name, kind: body.kind },
    });
    return ruleWireOf(made);
  }

  @Get(':ruleId')
  @Operation({ id: 'getRule', tag: 'rules', summary: 'One rule', response: wire.ruleWire, problems: { 404: 'No such rule' } })
  async one(@Param({ schema: wire.ruleParamsOfPath }) params: wire.RulePathParams, @Req() request: Request): Promise<wire.RuleWire> {
    return ruleWireOf(await this.mustFind(params, request));
  }

  @Patch(':ruleId')
  @Operation({
    id: 'updateRule',
    tag: 'rules',
    summary: 'Change a rule; the change applies from the next segment, and ends what the rule has open',
    response: wire.ruleWire,
    problems: { 404: 'No such rule', 409: 'The name is taken' },
  })
  async update(
    @Param({ schema: wire.ruleParamsOfPath }) params: wire.RulePathParams,
    @Body({ schema: wire.rulePatch }) body: wire.RulePatch,
    @Req() request: Request,
  ): Promise<wire.RuleWire> {
    const before = await this.mustFind(params, request);
    const { analyzerId = before.rule.analyzerId, labels = before.rule.labels } = body;
    if (body.analyzerId !== undefined || body.labels !== undefined) await this.labels.mustExist(analyzerId, labels);
    const updated = await this.rules.update(params.id, params.ruleId, patchedDraft(before, body));
    if (updated === null) throw notFound(params);
    await this.audit.record({
      by: actorOf(request),
      action: 'rule.update',
      target: params.ruleId,
      detail: { streamId: params.id, fields: Object.keys(body), revision: updated.rule.revision },
    });
    return ruleWireOf(updated);
  }

  @Delete(':ruleId')
  @HttpCode(204)
  @Operation({
    id: 'deleteRule',
    tag: 'rules',
    summary: 'Delete a rule; the events it told stay',
    status: 204,
    problems: { 404: 'No such rule' },
  })
  async remove(@Param({ schema: wire.ruleParamsOfPath }) params: wire.RulePathParams, @Req() request: Request): Promise<void> {
    await this.mustFind(params, request);
    if (!(await this.rules.remove(params.id, params.ruleId))) throw notFound(params);
    await this.audit.record({
      by: actorOf(request),
      action: 'rule.delete',
      target: params.ruleId,
      detail: { streamId: params.id },
    });
  }

  @Post('judge')
  @HttpCode(200)
  @RequireRole('viewer')
  @Operation({
    id: 'judgeRule',
    tag: 'rules',
    summary: 'Judge a past range by a rule, stored or not, without storing anything',
    response: wire.judgementWire,
    problems: { 404: 'No such stream or rule', 422: 'Too much to judge, or no tracks', 503: 'Other judging is under way' },
  })
  async judge(
    @Param({ schema: idParams }) params: IdParams,
    @Body({ schema: wire.judgeBody }) body: wire.JudgeBody,
    @Req() request: Request,
  ): Promise<wire.JudgementWire> {
    await this.access.one(params.id, principalOf(request));
    const rule = await this.ruleToJudge(params.id, body);
    const { spans, judgement } = await this.judging.judge(askerOf(request), rule, rangeOf(body), body.contextMs);
    return this.judging.wire(rule, spans, judgement, body);
  }

  @Post(':ruleId/apply')
  @HttpCode(200)
  @Operation({
    id: 'applyRule',
    tag: 'rules',
    summary: "Judge a past range anew and replace the rule's stored events that start in it",
    response: wire.appliedWire,
    problems: {
      404: 'No such rule',
      409: 'The rule was changed meanwhile',
      422: 'Too much to judge, or no tracks',
      503: 'Other judging is under way',
    },
  })
  async apply(
    @Param({ schema: wire.ruleParamsOfPath }) params: wire.RulePathParams,
    @Body({ schema: wire.applyBody }) body: wire.ApplyBody,
    @Req() request: Request,
  ): Promise<wire.AppliedWire> {
    const { rule } = await this.mustFind(params, request);
    const { spans, judgement } = await this.judging.judge(askerOf(request), rule, rangeOf(body), body.contextMs);
    if (judgement.dropped > 0)
      throw ruleError('VD_RULE_FLOODS', `Rule ${rule.name} tells more in one segment than is kept; nothing was replaced`);
    const detail = { streamId: params.id, revision: rule.revision, ...body };
    return this.events.replace({
      rule,
      spans,
      events: judgement.events,
      runIds: judgement.runIds,
      by: actorOf(request),
      detail,
    });
  }

  private async ruleToJudge(streamId: string, { ruleId, rule }: wire.JudgeBody): Promise<Rule> {
    if ((ruleId === undefined) === (rule === undefined)) throw apiError('VD_API_INVALID', 'ruleId: give either `ruleId` or `rule`');
    if (rule !== undefined) return { ...draftOf(rule), id: DRAFT_ID, revision: 0, streamId } as Rule;
    const stored = await this.rules.get(streamId, ruleId!);
    if (stored === null) throw notFound({ id: streamId, ruleId: ruleId! });
    return stored.rule;
  }

  /** The stream must be visible before anything is said of its rules. */
  private async mustFind(params: wire.RulePathParams, request: Request): Promise<StoredRule> {
    await this.access.one(params.id, principalOf(request));
    const found = await this.rules.get(params.id, params.ruleId);
    if (found === null) throw notFound(params);
    return found;
  }
}

const notFound = ({ id, ruleId }: wire.RulePathParams): Error => apiError('VD_API_NOT_FOUND', `Stream ${id} has no rule ${ruleId}.`);
