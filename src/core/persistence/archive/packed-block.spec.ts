import { describe, expect, it } from 'vitest';
import { MINUTES, packBlock } from './packed-block.js';
import { unpack } from './block.js';

const START_US = Date.UTC(2026, 2, 1) * 1000;
const metric = (run: number, second: number, name: string, value: number) => ({
  ...{ run_id: run, ordinal: second, pts_us: second * 1_000_000, clock_us: START_US, name, unit: '1', value },
});

describe(packBlock.name, () => {
  it('tells of what is in it: keys, runs, names, and how what was measured is spread, in all and by the minute', () => {
    const block = packBlock('metrics', [metric(9, 70, 'b', 4), metric(7, 5, 'a', -1), metric(7, 6, 'a', 3), metric(8, 65, 'a', 1)]);
    expect(block).toMatchObject({
      keys: [START_US + 5_000_000, START_US + 70_000_000],
      runs: [7, 9],
      rowCount: 4,
      names: ['a', 'b'],
      tallies: [
        { count: 3, sum: 3, low: -1, high: 3 },
        { count: 1, sum: 4, low: 4, high: 4 },
      ],
    });
    const minutes = unpack(MINUTES, block.minutes!, 'name');
    const first = START_US / 60_000_000;
    expect(['name', 'minute', 'count', 'sum', 'low', 'high'].map((column) => minutes.column(column))).toEqual([
      ['a', 'a', 'b'],
      [first, first + 1, first + 1],
      [2, 1, 1],
      [2, 1, 4],
      [-1, 1, 4],
      [3, 1, 4],
    ]);
  });

  it('has nothing to tell of what is not measured', () => {
    const said = { run_id: 1, ordinal: 0, pts_us: 0, clock_us: START_US, type: 'classification', data: '{}' };
    const { tallies, minutes, names } = packBlock('observations', [said]);
    expect([tallies, minutes, names]).toEqual([undefined, undefined, ['classification']]);
  });
});
