import { describe, expect, it } from 'vitest';
import { aCost, anAnalyzer, AS_IT_IS, aStream, aWorker, capacityFacts } from '../../../test/support/capacity-facts.js';
import { capacityReport } from './report.js';

const [hall, yard] = [aStream('hall'), aStream('yard')];
const look = anAnalyzer('look');
const codes = (report: ReturnType<typeof capacityReport>): string[] => report.reasons.map(({ code }) => code);

/** Two streams of 0.4 cores each. */
const two = (hosts: number) =>
  capacityFacts({
    streams: [hall, yard],
    analyzers: [look],
    costs: [aCost(hall, look, 0.4), aCost(yard, look, 0.4)],
    workers: [aWorker('w', hosts)],
  });

describe('capacityReport', () => {
  it('says that it fits, and how many more streams do', () => {
    // 4 hosts x 0.8 = 3.2 cores; 0.8 asked: 25 %. Room up to 80 % of 3.2 = 2.56: 6.4 streams of 0.4, of which 2 are there.
    const report = capacityReport(two(4), AS_IT_IS);
    expect(report).toMatchObject({
      verdict: 'fits',
      utilisation: expect.closeTo(0.25, 9) as number,
      supplyCores: expect.closeTo(3.2, 9) as number,
      spareStreams: 4,
      liveStreams: 2,
      cheapest: null,
    });
    expect(report.analyzers).toEqual([
      expect.objectContaining({
        analyzerId: 'look',
        streams: 2,
        cpuSecondsPerStreamMinute: expect.closeTo(24, 9) as number,
        share: expect.closeTo(1, 9) as number,
      }),
    ]);
  });

  it('becomes tight above 80 %, and does not fit above 100 %', () => {
    expect(capacityReport(two(4), { ...AS_IT_IS, moreStreams: 4 })).toMatchObject({ verdict: 'fits', countedStreams: 6 });
    const tight = capacityReport(two(4), { ...AS_IT_IS, moreStreams: 5 });
    expect([tight.verdict, codes(tight)]).toEqual(['tight', ['pools-tight']]);
    const over = capacityReport(two(4), { ...AS_IT_IS, moreStreams: 7 });
    expect([over.verdict, codes(over), over.utilisation]).toEqual(['does-not-fit', ['pools-full'], expect.closeTo(3.6 / 3.2, 9)]);
    // 3.6 cores at 80 % of 0.8 a host: 5.625 hosts, so two more than 4.
    expect(over.cheapest).toMatchObject({
      fits: true,
      steps: [{ kind: 'add-hosts', priceNote: expect.stringContaining('2 more cores') as string }],
    });
    expect(capacityReport(two(4), { ...AS_IT_IS, moreStreams: 7, moreHosts: 2 }).verdict).toBe('fits');
  });

  it('finds a queue of a stream that no number of hosts keeps up with', () => {
    const report = capacityReport(
      capacityFacts({ streams: [hall], analyzers: [look], costs: [aCost(hall, look, 1.2)], workers: [aWorker('w', 64)] }),
      AS_IT_IS,
    );
    expect([report.verdict, codes(report)]).toEqual(['does-not-fit', ['lane-too-slow']]);
    expect(report.reasons[0]!.text).toContain('hall on default takes 1.20 host-seconds');
    expect(report.changes.some(({ kind }) => kind === 'add-hosts')).toBe(false);
    expect(report.spareStreams).toBe(0);
  });

  it('adds the analyzers of a queue up in a lane, and not those of different queues', () => {
    const other = anAnalyzer('other', { queue: 'logo_detection' });
    const facts = (second: typeof other) =>
      capacityFacts({
        streams: [hall],
        analyzers: [look, second],
        costs: [aCost(hall, look, 0.6), aCost(hall, second, 0.6)],
        workers: [aWorker('w', 8)],
      });
    expect(capacityReport(facts(other), AS_IT_IS).verdict).toBe('fits');
    expect(capacityReport(facts(anAnalyzer('other')), AS_IT_IS).verdict).toBe('does-not-fit');
  });

  it('goes by what share of a core a busy host gets, once that is measured', () => {
    const jobs = [{ queue: 'default', workerId: 'w', jobs: 100, meanWallMs: 800, spread: 0, cpuMs: 40_000, wallMs: 80_000 }];
    const report = capacityReport({ ...two(4), jobs }, AS_IT_IS);
    expect(report).toMatchObject({ usableShare: 0.5, busyShare: 0.5, shareIsMeasured: true, supplyCores: 2 });
    expect(report.lanes[0]!.load).toBeCloseTo(0.8, 9);
    expect(capacityReport({ ...two(4), jobs: [{ ...jobs[0]!, jobs: 19 }] }, AS_IT_IS).shareIsMeasured).toBe(false);
    expect(capacityReport({ ...two(4), jobs, jobsPerHost: 4 }, AS_IT_IS).shareIsMeasured).toBe(false);
  });

  it('counts each worker by what its own hosts got, and one that had too little to do by all', () => {
    const jobs = [
      { queue: 'default', workerId: 'slow', jobs: 100, meanWallMs: 800, spread: 0, cpuMs: 20_000, wallMs: 80_000 },
      { queue: 'default', workerId: 'fast', jobs: 100, meanWallMs: 400, spread: 0, cpuMs: 40_000, wallMs: 40_000 },
    ];
    const { pools, usableShare } = capacityReport(
      { ...two(0), jobs, workers: ['slow', 'fast', 'new'].map((id) => aWorker(id, 4)) },
      { ...AS_IT_IS, moreHosts: 1 },
    );
    expect(usableShare).toBe(0.5); // 60 of 120 s
    expect(pools.map(({ name, supplyCores }) => [name, supplyCores])).toEqual([
      ['slow', 1],
      ['fast', 3.2],
      ['new', 2],
      ['added', 0.8],
    ]);
  });

  it('does not count a core twice where workers share a machine', () => {
    const workers = [aWorker('a', 4, { machine: 'm', cores: 4 }), aWorker('b', 4, { machine: 'm', cores: 4 })];
    expect(capacityReport({ ...two(0), workers }, AS_IT_IS).supplyCores).toBeCloseTo(3.2, 9);
  });

  it('knows an empty system, and one where nothing is live', () => {
    const empty = capacityReport(capacityFacts(), AS_IT_IS);
    expect([empty.verdict, codes(empty), empty.utilisation, empty.spareStreams]).toEqual(['fits', ['nothing-live'], 0, null]);
    const idle = capacityReport(
      {
        ...two(4),
        streams: [
          { ...hall, isLive: false },
          { ...yard, isLive: false },
        ],
      },
      AS_IT_IS,
    );
    expect([idle.verdict, codes(idle), idle.spareStreams]).toEqual(['fits', ['nothing-live'], 6]);
    const all = capacityReport(
      {
        ...two(4),
        streams: [
          { ...hall, isLive: false },
          { ...yard, isLive: false },
        ],
      },
      { ...AS_IT_IS, allStreams: true },
    );
    expect([all.verdict, all.countedStreams]).toEqual(['fits', 2]);
  });

  it('says unknown where a cost is unknown, unless what is known is too much already', () => {
    const fresh = anAnalyzer('fresh');
    const facts = { ...two(4), analyzers: [look, fresh] };
    const report = capacityReport(facts, AS_IT_IS);
    expect([report.verdict, codes(report), report.spareStreams]).toEqual(['unknown', ['cost-unknown', 'room'], null]);
    expect(report.reasons[0]!.text).toContain('fresh costs on hall, yard is not known');
    expect(report.reasons[0]!.about).toEqual({ analyzer: 'fresh', names: ['hall', 'yard'], more: 0 });
    expect(capacityReport({ ...facts, workers: [aWorker('w', 1)] }, AS_IT_IS).verdict).toBe('unknown');
    expect(capacityReport({ ...facts, workers: [aWorker('w', 1)] }, { ...AS_IT_IS, moreStreams: 3 }).verdict).toBe('does-not-fit');
  });

  it('names workers that are missing, silent, or take other queues', () => {
    expect(codes(capacityReport({ ...two(4), workers: [] }, AS_IT_IS))).toEqual(['no-worker']);
    expect(capacityReport({ ...two(4), workers: [] }, AS_IT_IS)).toMatchObject({ verdict: 'does-not-fit', utilisation: null });
    expect(codes(capacityReport({ ...two(4), workers: [aWorker('w', 4), aWorker('old', null)] }, AS_IT_IS))).toEqual([
      'worker-silent',
      'room',
    ]);
    const elsewhere = capacityReport({ ...two(4), workers: [aWorker('w', 4, { queues: ['logo_detection'] })] }, AS_IT_IS);
    expect([elsewhere.verdict, codes(elsewhere)]).toEqual(['does-not-fit', ['queue-without-worker']]);
  });

  it('warns where all gates open at once would be too much', () => {
    const costs = [hall, yard].map((stream) => aCost(stream, look, 0.9, { closedRuns: 90, gatedRuns: 90 }));
    const report = capacityReport({ ...two(2), costs }, AS_IT_IS);
    expect(report.utilisation).toBeCloseTo(0.45 / 1.6, 9);
    expect(report.gatesOpenUtilisation).toBeCloseTo(1.8 / 1.6, 9);
    expect([report.verdict, codes(report)]).toEqual(['tight', ['gates-open']]);
  });

  it('holds itself against what happened', () => {
    const calm = {
      queue: 'default',
      overloadSkips: 0,
      failedRuns: 0,
      finishedRuns: 100,
      earlierLagMs: 900,
      laterLagMs: 1_000,
      p95LagMs: 2_000,
      oldestWaitingMs: 500,
      cpuMs: 90_000,
      coveredMs: 900_000,
    };
    expect(capacityReport({ ...two(4), evidence: [calm] }, AS_IT_IS)).toMatchObject({
      verdict: 'fits',
      evidenceAgrees: true,
      usedCores: 0.1,
    });
    const skipped = capacityReport({ ...two(4), evidence: [{ ...calm, overloadSkips: 7 }] }, AS_IT_IS);
    expect([skipped.verdict, codes(skipped), skipped.evidenceAgrees]).toEqual(['tight', ['overload-happened', 'room'], false]);
    const late = capacityReport({ ...two(4), evidence: [{ ...calm, laterLagMs: 20_000 }] }, AS_IT_IS);
    expect([late.verdict, codes(late), late.evidenceAgrees]).toEqual(['tight', ['lag-grows', 'room'], false]);
    // tight, but it should have fitted
    expect(capacityReport({ ...two(1), evidence: [{ ...calm, overloadSkips: 7 }] }, { ...AS_IT_IS }).evidenceAgrees).toBe(false);
    expect(
      capacityReport({ ...two(4), evidence: [{ ...calm, overloadSkips: 7 }] }, { ...AS_IT_IS, moreStreams: 1 }).evidenceAgrees,
    ).toBeNull();
  });

  it('answers for an analyzer that is switched on for more streams', () => {
    const narrow = anAnalyzer('narrow', { runsOn: ({ name }) => name === 'hall' });
    const facts = { ...two(4), analyzers: [look, narrow], costs: [...two(4).costs, aCost(hall, narrow, 0.3)] };
    expect(capacityReport(facts, AS_IT_IS).demandCores).toBeCloseTo(1.1, 9);
    expect(capacityReport(facts, { ...AS_IT_IS, analyzerId: 'narrow' }).demandCores).toBeCloseTo(1.4, 9);
    const never = anAnalyzer('never', { configHash: '' });
    expect(capacityReport(two(4), { ...AS_IT_IS, analyzerId: 'never' }, never).verdict).toBe('unknown');
  });
});
