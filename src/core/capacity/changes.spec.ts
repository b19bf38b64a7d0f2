import { describe, expect, it } from 'vitest';
import { aCost, anAnalyzer, AS_IT_IS, aStream, aWorker, capacityFacts } from '../../../test/support/capacity-facts.js';
import { HIDDEN, type Change, type ChangeKind } from './change.js';
import { changesFrom } from './changes.js';
import type { AnalyzerFacts, CapacityFacts, StrategyFacts, StreamFacts } from './facts.js';
import { loadOf } from './load.js';
import { planOf, type Plan } from './plan.js';

const [hall, yard, gate] = [aStream('hall'), aStream('yard'), aStream('gate')];
const look = anAnalyzer('look');
const LAN: StrategyFacts = { id: 'lan', reach: 'lan', isStateless: false, standsInFor: null };
const CLOUD: StrategyFacts = { id: 'cloud', reach: 'cloud', isStateless: true, standsInFor: ['object'] };
const HOST = { strategy: 'lan', name: 'box', capacity: 4 };

const facts = (of: Partial<CapacityFacts> = {}): CapacityFacts =>
  capacityFacts({
    streams: [hall, yard],
    analyzers: [look],
    costs: [aCost(hall, look, 0.5), aCost(yard, look, 0.5)],
    workers: [aWorker('w', 2)],
    ...of,
  });
const planFrom = (of: CapacityFacts): Plan => planOf(of, AS_IT_IS, null);
const offered = (kind: ChangeKind, of: CapacityFacts, plan = planFrom(of)): Change[] =>
  changesFrom(plan, of).filter((change) => change.kind === kind);
const taken = (kind: ChangeKind, of: CapacityFacts, plan = planFrom(of)): Plan => offered(kind, of, plan)[0]!.apply(plan);
const averages = (plan: Plan, analyzer = look) =>
  plan.demands.filter((one) => one.analyzer.id === analyzer.id).map(({ average }) => average);

describe(changesFrom.name, () => {
  it('offers nothing for an installation that analyses nothing', () => {
    const idle = facts({ streams: [], costs: [], workers: [] });
    expect(changesFrom(planFrom(idle), idle)).toEqual([]);
  });

  it('leaves the plan it starts from as it is', () => {
    const of = facts({ workers: [aWorker('w', 1, { cores: 4 })], strategies: [LAN, CLOUD], remoteHosts: [HOST], gates: ['motion'] });
    const plan = planFrom(of);
    const before = structuredClone(loadOf(plan));
    for (const change of changesFrom(plan, of)) change.apply(plan);
    expect([loadOf(plan), plan.edits.size, plan.hostEdits.size]).toEqual([before, 0, 0]);
  });

  describe('raise-hosts', () => {
    const hosts = (...workers: CapacityFacts['workers']) => offered('raise-hosts', facts({ workers }));

    it('gives each core of a machine a host of its own', () => {
      const of = facts({ workers: [aWorker('w', 2, { machine: 'studio', cores: 8 }), aWorker('v', 1)] });
      expect(offered('raise-hosts', of).map(({ subject, title }) => [subject, title])).toEqual([
        ['studio', 'On studio: 8 analysis hosts instead of 2, one for each core'],
      ]);
      const after = taken('raise-hosts', of);
      expect(after.pools.map(({ name, hosts: count, supply }) => [name, count, supply])).toEqual([
        ['w', 8, expect.closeTo(6.4, 9)],
        ['v', 1, expect.closeTo(0.8, 9)],
      ]);
      expect([...after.hostEdits]).toEqual([['studio', 8]]);
      expect(offered('raise-hosts', of, after)).toEqual([]);
    });

    it.each([
      ['as many hosts as cores', [aWorker('w', 4, { cores: 4 })]],
      ['more hosts than cores', [aWorker('w', 6, { cores: 4 })]],
      ['unknown cores', [aWorker('w', 2, { cores: null })]],
      ['a worker that does not say its hosts', [aWorker('w', null, { cores: 8 })]],
      ['two workers, of which nobody knows which is to get more', ['a', 'b'].map((id) => aWorker(id, 1, { machine: 'm', cores: 8 }))],
    ])('is not offered for %s', (_, workers) => {
      expect(hosts(...workers)).toEqual([]);
    });

    it('is not offered for hosts of others and such as were only supposed', () => {
      const of = facts({ workers: [], strategies: [LAN], remoteHosts: [HOST] });
      expect(offered('raise-hosts', of, planOf(of, { ...AS_IT_IS, moreHosts: 2 }, null))).toEqual([]);
    });
  });

  describe('route-to-own-hosts', () => {
    const there = facts({ strategies: [LAN], remoteHosts: [HOST] });

    it('lets an analyzer go there as well, at the end of its list, once', () => {
      const after = taken('route-to-own-hosts', there);
      expect(after.edits.get('look')).toEqual({ prefer: ['local', 'lan'] });
      expect(after.demands.map(({ where }) => where)).toEqual([
        ['lan', 'worker'],
        ['lan', 'worker'],
      ]);
      expect(offered('route-to-own-hosts', there, after)).toEqual([]);
    });

    it.each<[string, Partial<CapacityFacts>]>([
      ['goes there already', { analyzers: [anAnalyzer('look', { prefer: ['lan'] })] }],
      ['may not leave the worker', { analyzers: [anAnalyzer('look', { reach: 'worker' })] }],
      [
        'keeps a state the strategy cannot carry',
        { analyzers: [anAnalyzer('look', { isStateful: true })], strategies: [{ ...LAN, isStateless: true }] },
      ],
      ['would find no host there', { remoteHosts: [] }],
      ['would find hosts without a place', { remoteHosts: [{ ...HOST, capacity: 0 }] }],
      ['would be replaced by what stands in for it', { strategies: [{ ...LAN, standsInFor: ['object'] }] }],
    ])('is not offered for one that %s', (_, of) => {
      expect(offered('route-to-own-hosts', { ...there, ...of })).toEqual([]);
    });
  });

  describe('motion-gate', () => {
    const gated = anAnalyzer('gated', { when: 'motion', queue: 'logo_detection' });
    const asked = (stream: StreamFacts, closedRuns: number) =>
      aCost(stream, gated, 0.1, { openRuns: 40 - closedRuns, closedRuns, gatedRuns: closedRuns });
    const shares = (...costs: CapacityFacts['costs']): CapacityFacts =>
      facts({
        gates: ['motion'],
        analyzers: [look, gated],
        costs: [aCost(hall, look, 0.5, { decodeRate: 0.1 }), aCost(yard, look, 0.5), ...costs],
      });

    it('saves on each stream what the gate was closed there for another analyzer, analysis and own decode', () => {
      const of = shares(asked(hall, 30), asked(yard, 0));
      expect(offered('motion-gate', of)).toMatchObject([{ subject: 'look', gain: 'measured' }]);
      const [inHall, inYard] = averages(taken('motion-gate', of));
      expect(inHall).toEqual({ analysis: expect.closeTo(0.125, 9) as number, decode: expect.closeTo(0.025, 9) as number });
      expect(inYard).toEqual({ analysis: 0.5, decode: 0 }); // never closed there
    });

    it('saves nothing while all gates are open', () => {
      expect(
        taken('motion-gate', shares(asked(hall, 30), asked(yard, 30))).demands.find(({ analyzer }) => analyzer === look)!.gatesOpen,
      ).toEqual({ analysis: 0.5, decode: 0.1 });
    });

    it('leaves the decode to the others of the lane', () => {
      const other = anAnalyzer('other');
      const of = shares(asked(hall, 30), asked(yard, 30), aCost(hall, other, 0.1), aCost(yard, other, 0.1));
      const [inHall] = averages(taken('motion-gate', { ...of, analyzers: [...of.analyzers, other] }));
      expect(inHall).toEqual({ analysis: expect.closeTo(0.125, 9) as number, decode: 0.1 });
    });

    it('is not counted on while nobody asked on some stream: how often it is closed elsewhere says nothing', () => {
      expect(offered('motion-gate', shares(asked(hall, 30)))).toMatchObject([{ gain: 'unknown' }]);
    });

    it('counts the decode by the plan it is applied to, where another of the lane may have come or gone', () => {
      const other = anAnalyzer('other');
      const of = shares(asked(hall, 30), asked(yard, 30), aCost(hall, other, 0.1), aCost(yard, other, 0.1));
      const [shared, alone] = [planFrom({ ...of, analyzers: [...of.analyzers, other] }), planFrom(of)];
      const decodeAfter = (found: Plan, applied: Plan): number => averages(offered('motion-gate', of, found)[0]!.apply(applied))[0]!.decode;
      expect([decodeAfter(alone, shared), decodeAfter(shared, alone)]).toEqual([0.1, expect.closeTo(0.025, 9)]);
    });

    it.each<[string, Partial<AnalyzerFacts>]>([
      ['has a condition already', { when: 'motion' }],
      ['is a gate itself', { isGate: true }],
      ['hears and does not see', { wantsPictures: false }],
    ])('is not offered for one that %s', (_, of) => {
      expect(offered('motion-gate', facts({ gates: ['motion'], analyzers: [anAnalyzer('look', of)] }))).toEqual([]);
    });

    it('is not offered without a gate, nor twice', () => {
      expect(offered('motion-gate', facts())).toEqual([]);
      const of = facts({ gates: ['motion'] });
      expect(offered('motion-gate', of, taken('motion-gate', of))).toEqual([]);
    });
  });

  describe('add-hosts', () => {
    const loaded = (cores: number, hosts: number): CapacityFacts =>
      facts({ costs: [aCost(hall, look, cores / 2), aCost(yard, look, cores / 2)], workers: [aWorker('w', hosts)] });

    it.each([
      [1.6, 2, 1], // 1.6 of 1.6: 2.4 is enough
      [1.28, 1, 1], // exactly 0.8 of two hosts
      [1.29, 1, 2],
    ])('for %d cores asked of %d hosts buys %d more and no more than that', (cores, hosts, more) => {
      const of = loaded(cores, hosts);
      expect(offered('add-hosts', of)[0]!.priceNote).toContain(`${more} more core${more === 1 ? '' : 's'}:`);
      expect(loadOf(taken('add-hosts', of)).utilisation).toBeLessThanOrEqual(0.8);
    });

    it('is not offered where there is room', () => expect(offered('add-hosts', loaded(1.28, 2))).toEqual([]));
    it('does not know its price', () => expect(offered('add-hosts', loaded(1.6, 2))[0]).toMatchObject({ moneyPerDay: null }));
    it('is not offered for work that no worker takes', () => {
      const elsewhere = { ...loaded(4, 1), analyzers: [anAnalyzer('look', { prefer: ['lan'] })], strategies: [LAN], remoteHosts: [HOST] };
      expect(loadOf(planFrom(elsewhere)).utilisation).toBeGreaterThan(0.8);
      expect(offered('add-hosts', elsewhere)).toEqual([]);
    });
  });

  describe('route-to-cloud', () => {
    const seer = anAnalyzer('seer', { solves: ['object'] });
    const secret = { ...yard, isPrivate: true };
    const paid = (moneyPerMediaSecond: number, stream = hall) =>
      aCost(stream, seer, 0, { strategy: 'cloud', moneyPerMediaSecond, openRuns: 1 });
    const sky = (of: Partial<CapacityFacts> = {}): CapacityFacts => {
      const own = [hall, yard].map((stream) => aCost(stream, seer, 0.5, { decodeRate: 0.1 }));
      return facts({ strategies: [CLOUD], analyzers: [seer], ...of, costs: [...own, ...(of.costs ?? [])] });
    };

    it('prices all public streams by the mean of what was paid, each second of a day', () => {
      const [change] = offered('route-to-cloud', sky({ costs: [paid(0.001), paid(0.003, yard)] }));
      expect(change!.moneyPerDay).toBeCloseTo(2 * 0.002 * 86_400, 6);
      const [half] = offered('route-to-cloud', sky({ costs: [paid(0.001)], streams: [hall, secret] }));
      expect(half!.moneyPerDay).toBeCloseTo(0.001 * 86_400, 6);
    });

    it('moves the analysis and not the decode, of public streams and not of private ones', () => {
      const of = sky({ costs: [paid(0.001)], streams: [hall, secret, gate] });
      const after = taken('route-to-cloud', of);
      expect(after.edits.get('seer')).toEqual({ prefer: ['cloud', 'local'] });
      expect(after.demands.map(({ stream, average, gatesOpen }) => [stream.name, average!.analysis > 0, gatesOpen!.analysis > 0])).toEqual([
        ['hall', false, false],
        ['yard', true, true],
        ['gate', false, false],
      ]);
      expect(after.demands.every(({ average }) => average!.decode > 0)).toBe(true);
    });

    it('does not count on a service that has not run it', () => {
      expect(offered('route-to-cloud', sky())).toMatchObject([{ gain: 'unknown', moneyPerDay: null }]);
    });

    it.each<[string, Partial<CapacityFacts>]>([
      ['whose reach ends before the cloud', { analyzers: [{ ...seer, reach: 'lan' }] }],
      ['that keeps a state', { analyzers: [{ ...seer, isStateful: true }] }],
      ['whose task the service does not have', { analyzers: [{ ...seer, solves: ['logo'] }] }],
      ['that goes there already', { analyzers: [{ ...seer, prefer: ['cloud'] }] }],
      ['with private streams only', { streams: [secret] }],
    ])('is not offered for one %s', (_, of) => {
      expect(offered('route-to-cloud', sky(of))).toEqual([]);
    });
  });

  describe('narrow-streams', () => {
    const three = facts({ streams: [hall, yard, gate], costs: [aCost(hall, look, 0.2), aCost(yard, look, 0.7), aCost(gate, look, 0.4)] });

    it('leaves out the costliest stream, then the next, and never the last', () => {
      const first = taken('narrow-streams', three);
      const second = taken('narrow-streams', three, first);
      expect([first, second].map(({ edits, demands }) => [edits.get('look'), demands.length])).toEqual([
        [{ streams: ['hall', 'gate'] }, 2],
        [{ streams: ['hall'] }, 1],
      ]);
      expect(offered('narrow-streams', three, second)).toEqual([]);
    });

    it('goes on naming streams whose cost is not known: what is not named would get no results', () => {
      const fresh = aStream('fresh', { pixels: null });
      const unmeasured = { ...three, streams: [...three.streams, fresh] };
      const plan = planFrom(unmeasured);
      const blind = {
        ...plan,
        demands: plan.demands.map((one) => (one.stream === fresh ? { ...one, average: null, gatesOpen: null } : one)),
      };
      expect(taken('narrow-streams', unmeasured, blind).edits.get('look')).toEqual({ streams: ['hall', 'gate', 'fresh'] });
      const onlyOne = { ...blind, demands: blind.demands.filter(({ average }) => average === null) };
      expect(offered('narrow-streams', unmeasured, onlyOne)).toEqual([]);
    });

    it('is not offered where a list would name a stream that must not be seen, or nobody would write it', () => {
      expect(offered('narrow-streams', { ...three, streams: [hall, yard, { ...gate, name: HIDDEN }] })).toEqual([]);
      const many = Array.from({ length: 21 }, (_, i) => aStream(`s${i}`));
      const wide = (streams: readonly StreamFacts[]) => facts({ streams, costs: streams.map((stream) => aCost(stream, look, 0.1)) });
      expect(offered('narrow-streams', wide(many))).toEqual([]);
      expect(offered('narrow-streams', wide(many.slice(1)))).toHaveLength(1);
    });

    it('does not leave out streams that are only supposed', () => {
      const supposed = planOf(facts(), { ...AS_IT_IS, moreStreams: 3 }, null);
      const [change] = offered('narrow-streams', facts(), supposed);
      expect(change!.apply(supposed).demands.some(({ stream }) => stream.id === 'average')).toBe(true);
    });
  });

  describe('drop-analyzer', () => {
    it('is offered for each analyzer once and takes it off all streams', () => {
      const other = anAnalyzer('other');
      const of = facts({ analyzers: [look, other], costs: [aCost(hall, look, 0.5), aCost(hall, other, 0.1)] });
      expect(offered('drop-analyzer', of).map(({ subject, loses }) => [subject, loses])).toEqual([
        ['look', 'all its results'],
        ['other', 'all its results'],
      ]);
      const after = taken('drop-analyzer', of);
      expect(after.demands.map(({ analyzer }) => analyzer.id)).toEqual(['other', 'other']);
      expect(after.edits.get('look')).toEqual({ enabled: false });
    });
  });
});
