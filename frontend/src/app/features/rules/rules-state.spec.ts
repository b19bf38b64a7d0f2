import { describe, expect, it } from 'vitest';
import type { JudgementWire, RuleWire } from '../../api/models';
import { RulesState, type RulesApi } from './rules-state';

const aRule = (over: Partial<RuleWire> = {}): RuleWire =>
  ({
    ...{
      id: 'rule-1',
      streamId: 's',
      name: 'Door',
      enabled: true,
      analyzerId: 'objects',
      labels: ['person'],
      minScore: 0.4,
      kind: 'dwell',
    },
    ...{ points: [[0, 0], [1, 0], [1, 1]], params: { dwellMs: 5_000 }, revision: 1, createdAt: '', updatedAt: '' }, // prettier-ignore
    ...over,
  }) as RuleWire;

function stateOf(over: Partial<RulesApi> = {}) {
  const sent: unknown[] = [];
  const stored = [aRule()];
  const api: RulesApi = {
    rules: async () => stored,
    createRule: async (_, body) => (sent.push(body), aRule()),
    updateRule: async (_, id, body) => (sent.push([id, body]), aRule(body as Partial<RuleWire>)),
    removeRule: async () => undefined,
    judgeRule: async (_, body) => (sent.push(body), { counts: { events: 2 } } as JudgementWire),
    ...over,
  };
  return { state: new RulesState('s', api), sent };
}

describe(RulesState.name, () => {
  it('tries a draft that is drawn on the past, and forgets the answer when the draft changes', async () => {
    const { state, sent } = stateOf();
    state.begin('zone', 'objects', 'New');
    expect(state.lacks()).toBe('points');
    state.change({ points: [[0.1, 0.1], [0.5, 0.1], [0.5, 0.5]], labels: ' person, dog ,' }); // prettier-ignore
    expect(state.lacks()).toBeNull();
    await state.tryOn(0, 86_400_000);
    expect(sent).toEqual([
      {
        rule: {
          ...{ kind: 'zone', analyzerId: 'objects', minScore: 0.4, params: {}, labels: ['person', 'dog'] },
          points: [[0.1, 0.1], [0.5, 0.1], [0.5, 0.5]], // prettier-ignore
        },
        ...{ from: '1970-01-01T00:00:00.000Z', to: '1970-01-02T00:00:00.000Z', limit: 200 },
      },
    ]);
    expect(state.judgement()?.counts.events).toBe(2);
    state.change({ minScore: 0.8 });
    expect(state.judgement()).toBeNull();
  });

  it('changes a stored rule with the parameters of its kind', async () => {
    const { state, sent } = stateOf();
    state.edit(aRule());
    expect(state.draft()).toMatchObject({ labels: 'person', dwellSeconds: 5, points: [[0, 0], [1, 0], [1, 1]] }); // prettier-ignore
    state.change({ dwellSeconds: 12.5 });
    await state.save();
    expect(sent).toMatchObject([['rule-1', { name: 'Door', params: { dwellMs: 12_500 } }]]);
    expect(state.draft()).toBeNull();
  });

  it('keeps the draft where it is refused, and says why', async () => {
    const { state } = stateOf({ createRule: () => Promise.reject(new Error('down')) });
    state.begin('line', 'objects', 'New');
    state.change({ points: [[0, 0], [1, 1]] }); // prettier-ignore
    await state.save();
    expect(state.draft()).not.toBeNull();
    expect(state.problem()).not.toBeNull();
    expect(state.isBusy()).toBe(false);
  });

  it('switches and removes', async () => {
    const { state } = stateOf();
    await state.load();
    await state.switchOn(state.list()[0]!, false);
    expect(state.list()[0]?.enabled).toBe(false);
    await state.remove(state.list()[0]!);
    expect(state.list()).toEqual([]);
  });
});
