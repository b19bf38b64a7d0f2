import { describe, expect, it } from 'vitest';
import { TimeSeries } from './time-series';

const filled = (capacity: number, times: readonly number[]): TimeSeries => {
  const series = new TimeSeries(capacity);
  for (const time of times) series.add(time, time * 10);
  return series;
};
const timesOf = (series: TimeSeries): number[] => series.window(-Infinity, Infinity).timesMs;

describe(TimeSeries.name, () => {
  it('forgets the oldest point when it is full', () => {
    const series = filled(3, [1, 2, 3, 4, 5]);
    expect(timesOf(series)).toEqual([3, 4, 5]);
    expect(series.length).toBe(3);
  });

  it('puts a late point in its place, also across the end of the ring', () => {
    expect(timesOf(filled(4, [1, 2, 5, 6, 7, 4]))).toEqual([4, 5, 6, 7]);
    expect(timesOf(filled(8, [5, 1, 3, 2, 4]))).toEqual([1, 2, 3, 4, 5]);
  });

  it('drops a point older than everything a full ring keeps', () => {
    expect(timesOf(filled(3, [4, 5, 6, 1]))).toEqual([4, 5, 6]);
  });

  it('replaces the value of a time that comes again', () => {
    const series = filled(3, [1, 2]);
    series.add(2, 7);
    expect(series.length).toBe(2);
    expect(series.at(2)).toEqual({ timeMs: 2, value: 7 });
  });

  it('gives a window one point on either side', () => {
    expect(filled(10, [10, 20, 30, 40, 50]).window(25, 35).timesMs).toEqual([20, 30, 40]);
  });

  it('finds the latest point at or before a time', () => {
    const series = filled(10, [10, 20]);
    expect(series.at(9)).toBeNull();
    expect(series.at(10)?.timeMs).toBe(10);
    expect(series.at(19)?.timeMs).toBe(10);
    expect(series.at(99)?.timeMs).toBe(20);
  });

  it('keeps order under any order of arrival', () => {
    const times = Array.from({ length: 200 }, (_, i) => (i * 7919) % 211);
    const kept = timesOf(filled(50, times));
    expect(kept).toEqual([...kept].sort((a, b) => a - b));
    expect(kept).toHaveLength(50);
  });
});
