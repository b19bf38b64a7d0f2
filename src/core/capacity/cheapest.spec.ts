import { describe, expect, it } from 'vitest';
import { aCost, anAnalyzer, AS_IT_IS, aStream, aWorker, capacityFacts } from '../../../test/support/capacity-facts.js';
import type { AnalyzerFacts, CapacityFacts, StrategyFacts } from './facts.js';
import { capacityReport, type CapacityReport } from './report.js';

const [hall, yard] = [aStream('hall'), aStream('yard')];
const LAN: StrategyFacts = { id: 'remote-lan', reach: 'lan', isStateless: false, standsInFor: null };
const CLOUD: StrategyFacts = { id: 'cloud', reach: 'cloud', isStateless: true, standsInFor: ['object'] };
const LOCAL: StrategyFacts = { id: 'local', reach: 'worker', isStateless: false, standsInFor: null };

/** Two streams, each analyzer at so many cores a stream, one worker. */
function facts(costs: readonly (readonly [AnalyzerFacts, number])[], hosts: number, of: Partial<CapacityFacts> = {}): CapacityFacts {
  return capacityFacts({
    streams: [hall, yard],
    analyzers: costs.map(([analyzer]) => analyzer),
    costs: costs.flatMap(([analyzer, cores]) => [aCost(hall, analyzer, cores), aCost(yard, analyzer, cores)]),
    workers: [aWorker('w', hosts)],
    ...of,
  });
}
const kinds = (report: CapacityReport): string[] => report.cheapest?.steps.map(({ kind }) => kind) ?? [];
const single = (report: CapacityReport, kind: string) => report.changes.filter((change) => change.kind === kind);
const ask = (of: CapacityFacts): CapacityReport => capacityReport(of, AS_IT_IS);

describe('the cheapest change', () => {
  const look = anAnalyzer('look');
  const halved = anAnalyzer('look', {
    cheaperSampling: [
      { config: { fps: 2.5 }, sampling: { fps: 2.5 } },
      { config: { fps: 1.25 }, sampling: { fps: 1.25 } },
    ],
  });

  it('is to use idle cores, where there are any', () => {
    const report = ask(facts([[halved, 0.6]], 2, { workers: [aWorker('w', 2, { cores: 4 })] })); // 1.2 of 1.6
    expect(report.verdict).toBe('fits');
    const over = ask(facts([[halved, 0.75]], 2, { workers: [aWorker('w', 2, { cores: 4 })] })); // 1.5 of 1.6, then of 3.2
    expect([over.verdict, kinds(over), over.cheapest!.config]).toEqual(['tight', ['raise-hosts'], ['analysis:', '  hosts: 4  # on w']]);
    expect(over.cheapest!.utilisationAfter).toBeCloseTo(1.5 / 3.2, 9);
  });

  it('sends work to hosts that are there before anything is lost, and never a stateful analyzer to a strategy without state', () => {
    const remote = { strategies: [LOCAL, LAN], remoteHosts: [{ strategy: 'remote-lan', name: 'gpu-box', capacity: 4 }] };
    const over = ask(facts([[halved, 0.75]], 1, remote));
    expect([kinds(over), over.cheapest!.config]).toEqual([
      ['route-to-own-hosts'],
      ['plugins:', '  - use: vedette/look', '    analyzers:', '      look:', '        execution: { prefer: [local, remote-lan] }'],
    ]);
    expect(over.cheapest!.utilisationAfter).toBeCloseTo(1.5 / 4, 9); // 0.8 here, 3.2 there
    const routes = (analyzer: AnalyzerFacts, strategy: StrategyFacts): number =>
      single(ask(facts([[analyzer, 0.75]], 1, { ...remote, strategies: [LOCAL, strategy] })), 'route-to-own-hosts').length;
    expect(routes(anAnalyzer('look', { isStateful: true }), LAN)).toBe(1);
    expect(routes(anAnalyzer('look', { isStateful: true }), { ...LAN, isStateless: true })).toBe(0);
    expect(routes(anAnalyzer('look', { reach: 'worker' }), LAN)).toBe(0);
    expect(single(ask(facts([[look, 0.75]], 1, { ...remote, remoteHosts: [] })), 'route-to-own-hosts')).toEqual([]);
  });

  it('halves sampling step by step as far as is needed, by the frames that are left', () => {
    const over = ask(facts([[halved, 1.6]], 2)); // 3.2 asked of 1.6, lanes at 1.6; 1.28 and 0.8 are the marks
    expect([kinds(over), over.cheapest!.steps[0]!.title, over.cheapest!.fits]).toEqual([
      ['lower-sampling'],
      'look at 1.25 fps instead of 5 fps',
      true,
    ]);
    expect(over.cheapest!.config.at(-1)).toBe('        config: { fps: 1.25 }');
    expect(over.cheapest!.steps[0]).toMatchObject({
      about: { from: 5, to: 1.25 },
      settings: [{ pluginId: 'vedette.look', analyzerId: 'look', path: ['config', 'fps'], value: 1.25 }],
    });
    expect(over.cheapest!.utilisationAfter).toBeCloseTo(0.8 / 1.6, 9);
    const slow = { ...hall, framesPerSecond: 3 }; // of 3 frames a second 2.5 are left
    expect(single(ask(facts([[halved, 0.6]], 2, { streams: [slow] })), 'lower-sampling')[0]!.heaviestLaneAfter).toBeCloseTo(0.5, 9);
  });

  it('counts on a cheaper decode of keyframes only where nobody else of the lane needs the rest', () => {
    const sparse = anAnalyzer('sparse', { cheaperSampling: [{ config: { keyframesOnly: true }, sampling: { keyframes: true } }] });
    const costs = [aCost(hall, sparse, 0.5, { decodeRate: 0.26 })];
    const alone = ask(capacityFacts({ streams: [hall], analyzers: [sparse], costs, workers: [aWorker('w', 2)] }));
    // a tenth of the frames, a thirteenth of the decode
    expect(single(alone, 'lower-sampling')[0]!.heaviestLaneAfter).toBeCloseTo(0.05 + 0.02, 9);
    const shared = ask(
      capacityFacts({ streams: [hall], analyzers: [sparse, look], costs: [...costs, aCost(hall, look, 0.1)], workers: [aWorker('w', 2)] }),
    );
    expect(single(shared, 'lower-sampling')[0]!.heaviestLaneAfter).toBeCloseTo(0.05 + 0.26 + 0.1, 9);
  });

  it('counts on a gate only where how often it is closed has been measured', () => {
    const motion = anAnalyzer('motion.detect', { isGate: true });
    const gated = anAnalyzer('gated', { when: 'motion', queue: 'logo_detection' });
    const over = facts(
      [
        [look, 0.7],
        [motion, 0.01],
      ],
      2,
      { gates: ['motion'] },
    ); // 1.42 of 1.6
    const unknown = ask(over);
    expect([
      single(unknown, 'motion-gate').map(({ gain, utilisationAfter, title }) => [title, gain, utilisationAfter]),
      kinds(unknown),
    ]).toEqual([[['look only where something moves', 'unknown', null]], ['add-hosts']]);
    const measured = ask({
      ...over,
      analyzers: [...over.analyzers, gated],
      costs: [...over.costs, ...[hall, yard].map((stream) => aCost(stream, gated, 0.1, { openRuns: 10, closedRuns: 30, gatedRuns: 30 }))],
    });
    expect([kinds(measured), measured.cheapest!.config.at(-1)]).toEqual([['motion-gate'], '        when: motion']);
    expect(measured.cheapest!.utilisationAfter).toBeCloseTo((2 * (0.7 / 4) + 0.02 + 0.05) / 1.6, 9);
  });

  it('prices the cloud by what it cost, leaves private streams out and never sends what may not go', () => {
    const seer = anAnalyzer('seer', { solves: ['object'] });
    const paid = aCost(hall, seer, 0, { strategy: 'cloud', moneyPerMediaSecond: 0.001, openRuns: 1 });
    const over = facts([[seer, 0.7]], 1, { strategies: [LOCAL, CLOUD], streams: [hall, { ...yard, isPrivate: true }] });
    const [route] = single(ask({ ...over, costs: [...over.costs, paid] }), 'route-to-cloud');
    expect(route).toMatchObject({
      moneyPerDay: expect.closeTo(86.4, 6) as number,
      gain: 'estimated',
      config: expect.arrayContaining(['        execution: { prefer: [cloud, local] }']) as string[],
    });
    expect(route!.utilisationAfter).toBeGreaterThan(0.8); // the private stream stays
    expect(single(ask(over), 'route-to-cloud')[0]).toMatchObject({ moneyPerDay: null, gain: 'unknown', utilisationAfter: null });
    for (const refused of [{ isStateful: true }, { reach: 'lan' as const }, { solves: ['logo'] }]) {
      expect(single(ask({ ...over, analyzers: [{ ...seer, ...refused }] }), 'route-to-cloud')).toEqual([]);
    }
    expect(single(ask({ ...over, streams: [{ ...hall, isPrivate: true }] }), 'route-to-cloud')).toEqual([]);
  });

  it('combines changes: what no host can help first, then hosts', () => {
    const heavy = anAnalyzer('heavy', { cheaperSampling: [{ config: { fps: 2.5 }, sampling: { fps: 2.5 } }] });
    const over = ask(facts([[heavy, 1.4]], 1)); // lanes at 1.4; halved at 0.7, which makes 1.4 of 0.8
    expect([kinds(over), over.cheapest!.fits]).toEqual([['lower-sampling', 'add-hosts'], true]);
    expect(over.cheapest!.steps[1]!.priceNote).toContain('2 more cores'); // 1.4 / 0.8 / 0.8 = 2.19 hosts
    expect(over.cheapest!.utilisationAfter).toBeCloseTo(1.4 / 2.4, 9);
  });

  it('says beside it what it takes to lose nothing, where that can be had', () => {
    const over = ask(facts([[halved, 0.6]], 1)); // 1.2 of 0.8: half the frames, or one more host: 1.2 of 1.6
    expect([kinds(over), over.lossless!.steps.map(({ kind }) => kind), over.lossless!.fits]).toEqual([
      ['lower-sampling'],
      ['add-hosts'],
      true,
    ]);
    expect(over.lossless!.utilisationAfter).toBeCloseTo(0.75, 9);
    expect(ask(facts([[look, 0.6]], 1)).lossless).toBeNull(); // hosts are the cheapest as it is
    expect(ask(facts([[halved, 1.4]], 8)).lossless).toBeNull(); // no number of hosts makes a lane faster
  });

  it('leaves out what a later step made needless', () => {
    // Nothing but switching `big` off helps the lanes; then neither its halving, nor more hosts, nor a second halving of `look` is needed.
    const big = anAnalyzer('big', { cheaperSampling: [{ config: { fps: 2.5 }, sampling: { fps: 2.5 } }] });
    const over = ask(
      facts(
        [
          [big, 1.8],
          [halved, 0.6],
        ],
        1,
      ),
    );
    expect(over.cheapest!.steps.map(({ kind, title }) => [kind, title.split(' ')[0]])).toEqual([
      ['lower-sampling', 'look'],
      ['drop-analyzer', 'big'],
    ]);
    expect(over.cheapest!.fits).toBe(true);
    expect(over.cheapest!.utilisationAfter).toBeCloseTo(0.6 / 0.8, 9);
  });

  it('gives work up only where nothing else helps, and one stream rather than all', () => {
    const one = ask({ ...facts([[look, 0.3]], 4), costs: [aCost(hall, look, 0.95), aCost(yard, look, 0.3)] });
    expect([kinds(one), one.cheapest!.config.at(-1)]).toEqual([['narrow-streams'], '        streams: [yard]']);
    const over = ask(facts([[look, 0.9]], 4)); // the lanes are tight, and there is nothing to sample less
    expect(kinds(over)).toEqual(['drop-analyzer']); // one stream less helps one lane, and both are too slow
    expect(over.cheapest!.fits).toBe(true);
    expect(over.changes.map(({ kind }) => kind)).toEqual(['narrow-streams', 'drop-analyzer']);
    expect(over.changes[0]!.config.at(-1)).toBe('        streams: [yard]');
  });

  it('hands the decode on to whoever of the lane stays', () => {
    const costs = [aCost(hall, look, 0.3, { decodeRate: 0.2 }), aCost(hall, anAnalyzer('other'), 0.1, { decodeRate: 0.2 })];
    const report = ask(capacityFacts({ streams: [hall], analyzers: [look, anAnalyzer('other')], costs, workers: [aWorker('w', 2)] }));
    const dropped = single(report, 'drop-analyzer').find(({ title }) => title.startsWith('look'))!;
    expect(dropped.heaviestLaneAfter).toBeCloseTo(0.1 + 0.4, 9);
  });

  it('quotes what YAML would take for something else', () => {
    const odd = { ...hall, name: '0123' };
    const no = { ...yard, name: 'no' };
    const over = ask(
      capacityFacts({
        streams: [odd, no],
        analyzers: [look],
        costs: [aCost(odd, look, 0.95), aCost(no, look, 0.9)],
        workers: [aWorker('w', 4)],
      }),
    );
    expect(single(over, 'narrow-streams')[0]!.config.at(-1)).toBe('        streams: ["no"]');
  });
});
