import { describe, expect, it } from 'vitest';
import { SumTable } from './sum-table.js';

const key = { part: 'events', analyzerId: 'a', name: 'n', reason: '' } as const;

describe(SumTable.name, () => {
  const spread = (fromUs: number, toUs: number): [number, number, number][] => {
    const sums = new SumTable(10);
    sums.addLasting(key, { fromUs, toUs }, { fromUs: 20, toUs: 50 });
    return sums
      .all()
      .flatMap(({ buckets }) => [...buckets].map(([bucket, { count, sum }]): [number, number, number] => [bucket, count, sum]));
  };

  it.each([
    [22, 25, [[2, 1, 3]]],
    [28, 41, [[2, 1, 2], [3, 0, 10], [4, 0, 1]]],
    [0, 100, [[2, 0, 10], [3, 0, 10], [4, 0, 10]]],
    [30, 30, [[3, 1, 0]]],
    [49, 90, [[4, 1, 1]]],
    [50, 60, []],
    [0, 20, []],
  ])('spreads what lasts from %d to %d, and counts it where it begins', (fromUs, toUs, buckets) => {
    expect(spread(fromUs, toUs)).toEqual(buckets);
  }); // prettier-ignore

  it('adds up what has one key and one bucket, and nothing else', () => {
    const sums = new SumTable(10);
    sums.add(key, 1, { count: 1, sum: 2, low: 2, high: 2 });
    sums.add(key, 1, { count: 2, sum: -5, low: -4, high: -1 });
    sums.add({ ...key, name: 'other' }, 1, { count: 1, sum: 1, low: 1, high: 1 });
    sums.add({ ...key, part: 'metrics' }, 1, { count: 1, sum: 9, low: 9, high: 9 });
    expect(sums.of('events').map(({ name, buckets }) => [name, [...buckets]])).toEqual([
      ['n', [[1, { count: 3, sum: -3, low: -4, high: 2 }]]],
      ['other', [[1, { count: 1, sum: 1, low: 1, high: 1 }]]],
    ]);
  });
});
