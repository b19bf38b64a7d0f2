import { describe, expect, it } from 'vitest';
import { aCost, anAnalyzer, AS_IT_IS, aStream, aWorker, capacityFacts } from '../../../test/support/capacity-facts.js';
import { planOf, type Demand, type Plan } from './plan.js';
import { editing, removing } from './plan-edits.js';

const [hall, yard] = [aStream('hall'), aStream('yard')];
const look = anAnalyzer('look');
const read = anAnalyzer('read');
const far = anAnalyzer('far', { queue: 'logo_detection' });

/** Two streams with three analyzers, of which `far` has a queue and so a lane of its own; a tenth of a core of decode for each. */
function plan(): Plan {
  const costs = [hall, yard].flatMap((stream) => [look, read, far].map((analyzer) => aCost(stream, analyzer, 0.5, { decodeRate: 0.1 })));
  return planOf(capacityFacts({ streams: [hall, yard], analyzers: [look, read, far], costs, workers: [aWorker('w', 2)] }), AS_IT_IS, null);
}
const find = ({ demands }: Plan, stream: { id: string }, analyzer: { id: string }): Demand | undefined =>
  demands.find((one) => one.stream.id === stream.id && one.analyzer.id === analyzer.id);

describe(editing.name, () => {
  it('changes the demands of that analyzer on all its streams, and no other', () => {
    const before = plan();
    const after = editing(before, look, { when: 'motion' }, (one) => ({ ...one, samplingStep: 3 }));
    expect(
      after.demands.filter(({ samplingStep }) => samplingStep === 3).map(({ analyzer, stream }) => [analyzer.id, stream.name]),
    ).toEqual([
      ['look', 'hall'],
      ['look', 'yard'],
    ]);
    expect(after.demands.filter(({ analyzer }) => analyzer !== look)).toEqual(before.demands.filter(({ analyzer }) => analyzer !== look));
  });

  it('adds to what was written for the analyzer before, key by key, and leaves the plan it began with alone', () => {
    const same = (one: Demand): Demand => one;
    const first = editing(plan(), look, { config: { fps: 2.5, tiles: 4 }, when: 'motion' }, same);
    const second = editing(first, look, { config: { fps: 1.25 }, prefer: ['lan'] }, same);
    const other = editing(second, read, { enabled: false }, same);
    expect([...other.edits]).toEqual([
      ['look', { config: { fps: 1.25, tiles: 4 }, when: 'motion', prefer: ['lan'] }],
      ['read', { enabled: false }],
    ]);
    expect(first.edits.get('look')).toEqual({ config: { fps: 2.5, tiles: 4 }, when: 'motion' });
  });
});

describe(removing.name, () => {
  it('takes the analyzer off the stream and leaves its share of the decode to one that stays in the lane', () => {
    const after = removing(plan(), look, { streams: ['yard'] }, ({ stream }) => stream.id === hall.id);
    expect(find(after, hall, look)).toBeUndefined();
    expect(find(after, hall, read)!.average).toEqual({ analysis: 0.5, decode: 0.2 });
    expect(find(after, hall, read)!.gatesOpen).toEqual({ analysis: 0.5, decode: 0.2 });
    for (const [stream, analyzer] of [
      [hall, far],
      [yard, look],
      [yard, read],
    ] as const) {
      expect(find(after, stream, analyzer)!.average).toEqual({ analysis: 0.5, decode: 0.1 });
    }
    expect(after.edits.get('look')).toEqual({ streams: ['yard'] });
  });

  it('takes the decode away with the last one of a lane', () => {
    const after = removing(plan(), far, { enabled: false }, () => true);
    expect(after.demands.map(({ analyzer, average }) => [analyzer.id, average!.decode])).toEqual([
      ['look', 0.1],
      ['read', 0.1],
      ['look', 0.1],
      ['read', 0.1],
    ]);
  });

  it('gives one decode to one heir, however many stay', () => {
    const also = anAnalyzer('also');
    const costs = [look, read, also].map((analyzer) => aCost(hall, analyzer, 0.5, { decodeRate: 0.1 }));
    const three = planOf(capacityFacts({ streams: [hall], analyzers: [look, read, also], costs }), AS_IT_IS, null);
    const after = removing(three, look, { enabled: false }, () => true);
    expect(after.demands.reduce((sum, { average }) => sum + average!.decode, 0)).toBeCloseTo(0.3, 9);
  });

  it('knows no more of an heir whose cost is not known', () => {
    const costs = [aCost(hall, look, 0.5, { decodeRate: 0.1 })];
    const unknown = planOf(capacityFacts({ streams: [hall], analyzers: [look, read], costs }), AS_IT_IS, null);
    expect(
      find(
        removing(unknown, look, { enabled: false }, () => true),
        hall,
        read,
      )!.average,
    ).toBeNull();
  });
});
