import { describe, expect, it } from 'vitest';
import { TimeSeries } from '../../core/time-series';
import { anObservation } from '../../testing/wire-samples';
import { WINDOW_MS, axisNumbers, toPlot, windowAround, yRange } from './chart-data';
import { paletteOf } from './palette';

describe(windowAround.name, () => {
  it('is two minutes that follow the displayed frame, with room ahead of it', () => {
    const window = windowAround(1_000_000, 5_000_000);
    expect(window.toMs - window.fromMs).toBe(WINDOW_MS);
    expect(window.fromMs).toBeLessThan(window.atMs!);
    expect(window.toMs).toBeGreaterThan(window.atMs!);
  });
  it('follows the clock while nothing plays', () => {
    expect(windowAround(null, 5_000_000)).toMatchObject({ atMs: null, toMs: 5_010_000 });
  });
});

describe(toPlot.name, () => {
  it('breaks the line where nothing was measured', () => {
    const points = new TimeSeries(10);
    for (const time of [1_000, 2_000, 20_000]) points.add(time, 1);
    expect(toPlot(points, { fromMs: 0, toMs: 30_000, atMs: null })).toEqual([
      [1, 2, 2.001, 20],
      [1, 1, null, 1],
    ]);
  });
});

describe(yRange.name, () => {
  it('is the scale of the unit where it has one', () => {
    expect(yRange([0.4, 0.5], '0..1')).toEqual({ min: 0, max: 1 });
  });
  it('leaves room around the values, and never a height of nothing', () => {
    const flat = yRange([5, 5, null], 'px');
    expect(flat.min).toBeLessThan(5);
    expect(flat.max).toBeGreaterThan(5);
    expect(yRange([], 'px')).toEqual({ min: 0, max: 1 });
    expect(yRange([0, 10], 'px').min).toBe(0);
  });
});

describe(paletteOf.name, () => {
  it('reads dominant colours and nothing else', () => {
    expect(
      paletteOf(
        anObservation(0, {
          data: { kind: 'dominant-colours', colours: [{ hex: '#102030', share: 0.7 }, { hex: '#fff', share: 1 }, null] },
        }),
      ),
    ).toEqual([{ css: '#102030', share: 0.7 }]);
    expect(paletteOf(anObservation(0, { data: { label: 'x' } }))).toBeNull();
    expect(paletteOf(anObservation(0, { data: { colours: [{ hex: 'url(x)', share: 1 }] } }))).toBeNull();
  });
});

describe(axisNumbers.name, () => {
  const inGerman = (value: number, digits: number): string =>
    new Intl.NumberFormat('de', { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);

  it('has as many digits as tell neighbours apart, in the way of the region', () => {
    expect(axisNumbers([-60, -40, -20], inGerman)).toEqual(['-60', '-40', '-20']);
    expect(axisNumbers([0, 0.25, 0.5], inGerman)).toEqual(['0,00', '0,25', '0,50']);
    expect(axisNumbers([0.01, 0.02], inGerman)).toEqual(['0,01', '0,02']);
    expect(axisNumbers([], inGerman)).toEqual([]);
  });
});
