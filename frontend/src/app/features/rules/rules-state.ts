import { computed, signal } from '@angular/core';
import type { ApiClient } from '../../api/api-client';
import type { JudgementWire, RuleWire } from '../../api/models';
import { Doing } from '../../core/doing';

export type RuleKind = RuleWire['kind'];
export const RULE_KINDS: readonly RuleKind[] = ['zone', 'dwell', 'line', 'count'];
/** x and y, 0..1 of the picture. */
export type Point = readonly [number, number];

/** A rule that is being made or changed; lengths of time in seconds, as people type them. */
export interface RuleDraft {
  /** Null: it is new. */
  readonly id: string | null;
  readonly name: string;
  readonly kind: RuleKind;
  readonly analyzerId: string;
  readonly labels: string;
  readonly minScore: number;
  readonly points: readonly Point[];
  readonly dwellSeconds: number;
  readonly objects: number;
}

export type RulesApi = Pick<ApiClient, 'rules' | 'createRule' | 'updateRule' | 'removeRule' | 'judgeRule'>;

const MOST_EVENTS = 200;

export const leastPoints = (kind: RuleKind): number => (kind === 'line' ? 2 : 3);

/** The rules of one stream, and the one that is being drawn. */
export class RulesState {
  readonly list = signal<readonly RuleWire[]>([]);
  readonly isLoaded = signal(false);
  readonly draft = signal<RuleDraft | null>(null);
  readonly judgement = signal<JudgementWire | null>(null);
  private readonly doing = new Doing();
  readonly problem = this.doing.problem;
  readonly isBusy = this.doing.busy;
  /** Why the draft cannot be tried or saved yet; null: it can. */
  readonly lacks = computed<'points' | 'analyzer' | null>(() => {
    const draft = this.draft();
    if (draft === null) return null;
    if (draft.points.length < leastPoints(draft.kind)) return 'points';
    return draft.analyzerId === '' ? 'analyzer' : null;
  });

  constructor(
    readonly streamId: string,
    private readonly api: RulesApi,
  ) {}

  load(): Promise<void> {
    return this.work(async () => {
      this.list.set(await this.api.rules(this.streamId));
      this.isLoaded.set(true);
    });
  }

  begin(kind: RuleKind, analyzerId: string, name: string): void {
    this.leave();
    this.draft.set({ id: null, name, kind, analyzerId, labels: '', minScore: 0.4, points: [], dwellSeconds: 30, objects: 1 });
  }

  edit(rule: RuleWire): void {
    this.leave();
    const { dwellMs, objects } = rule.params;
    this.draft.set({
      ...{ id: rule.id, name: rule.name, kind: rule.kind, analyzerId: rule.analyzerId, labels: rule.labels.join(', ') },
      minScore: rule.minScore,
      points: rule.points.map(([x = 0, y = 0]) => [x, y] as const),
      dwellSeconds: typeof dwellMs === 'number' ? dwellMs / 1000 : 30,
      objects: typeof objects === 'number' ? objects : 1,
    });
  }

  change(part: Partial<RuleDraft>): void {
    this.draft.update((draft) => draft && { ...draft, ...part });
    this.judgement.set(null);
  }

  leave(): void {
    this.draft.set(null);
    this.judgement.set(null);
    this.problem.set(null);
  }

  /** What the draft would have told of a stretch of the past; nothing is stored. */
  tryOn(fromMs: number, toMs: number): Promise<void> {
    return this.work(async () => {
      const draft = this.draft();
      if (draft === null) return;
      const judgement = await this.api.judgeRule(this.streamId, {
        rule: bodyOf(draft),
        ...{ from: new Date(Math.floor(fromMs)).toISOString(), to: new Date(Math.floor(toMs)).toISOString() },
        limit: MOST_EVENTS,
      });
      if (this.draft() === draft) this.judgement.set(judgement);
    });
  }

  save(): Promise<void> {
    return this.work(async () => {
      const draft = this.draft();
      if (draft === null) return;
      const body = { name: draft.name, ...bodyOf(draft) };
      if (draft.id === null) await this.api.createRule(this.streamId, body);
      else await this.api.updateRule(this.streamId, draft.id, body);
      this.list.set(await this.api.rules(this.streamId));
      this.leave();
    });
  }

  switchOn(rule: RuleWire, enabled: boolean): Promise<void> {
    return this.work(async () => {
      const changed = await this.api.updateRule(this.streamId, rule.id, { enabled });
      this.list.update((rules) => rules.map((one) => (one.id === changed.id ? changed : one)));
    });
  }

  remove(rule: RuleWire): Promise<void> {
    return this.work(async () => {
      await this.api.removeRule(this.streamId, rule.id);
      this.list.update((rules) => rules.filter(({ id }) => id !== rule.id));
    });
  }

  private async work(run: () => Promise<void>): Promise<void> {
    await this.doing.run(run);
  }
}

/** What the API takes of a draft: each kind its own parameters only. */
function bodyOf({ kind, analyzerId, labels, minScore, points, dwellSeconds, objects }: RuleDraft) {
  const params = kind === 'dwell' ? { dwellMs: Math.round(dwellSeconds * 1000) } : kind === 'count' ? { objects } : {};
  const names = labels.split(',').map((label) => label.trim());
  return {
    ...{ kind, analyzerId, minScore, params },
    labels: names.filter((label) => label !== ''),
    points: points.map(([x, y]): [number, number] => [x, y]),
  };
}
