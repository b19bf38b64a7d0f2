import { describe, expect, it } from 'vitest';
import { Box, type EventResult } from '../../plugin-api/index.js';
import { ResultColumns } from './result-columns.js';

const event = (phase: EventResult['phase'], key: string, ptsUs: number, data?: EventResult['data']): EventResult => ({
  type: 'event',
  phase,
  key,
  name: 'black',
  ptsUs,
  ...(data === undefined ? {} : { data }),
});
const EVENTS = 22;

describe(ResultColumns.name, () => {
  it("gives every result of a run its place in the run's list as ordinal", () => {
    const columns = new ResultColumns();
    const partitioned = columns.add('7', [
      { type: 'metric', ptsUs: 1, name: 'a', unit: 'px', value: 2 },
      { type: 'detection', ptsUs: 3, label: 'door', score: 0.5, box: Box.from01(0.1, 0.2, 0.3, 0.4), trackId: 't' },
      { type: 'text', ptsUs: 4, data: { words: 'x' } },
    ]);
    const values = columns.values();
    expect(values.slice(0, 4)).toEqual([['7'], [1], [3], ['door']]);
    expect(values.slice(9, 14)).toEqual([['t'], [null], ['7'], [0], [1]]);
    expect(values.slice(17, 22)).toEqual([['7'], [2], [4], ['text'], ['{"words":"x"}']]);
    expect(partitioned).toEqual([1, 3, 4]);
  });

  it('folds what happened to one occurrence within a segment into one row, and keeps occurrences apart', () => {
    const columns = new ResultColumns();
    columns.add('7', [
      event('start', 'one', 10, { a: 1 }),
      event('update', 'one', 20, { b: 2 }),
      event('end', 'one', 30),
      event('end', 'two', 40),
    ]);
    expect(columns.add('8', [event('start', 'one', 50)])).toEqual([]);
    expect(JSON.parse(columns.values()[EVENTS] as string)).toEqual([
      { run_id: '7', key: 'one', name: 'black', start_pts_us: 10, end_pts_us: 30, data: { a: 1, b: 2 } },
      { run_id: '7', key: 'two', name: 'black', start_pts_us: 40, end_pts_us: 40, data: null },
      { run_id: '8', key: 'one', name: 'black', start_pts_us: 50, end_pts_us: null, data: null },
    ]);
  });
});
