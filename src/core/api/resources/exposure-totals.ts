import type { Appearance, BrandExposure } from '../../exposure/exposure-meter.js';

type Counted = Pick<BrandExposure, 'visibleSeconds' | 'weightedSeconds'>;

/** What a report begins with: all brands together. */
export function exposureTotals(brands: readonly Counted[], appearances: readonly Pick<Appearance, 'visibleSeconds'>[]) {
  const total = (value: (brand: Counted) => number): number => brands.reduce((sum, brand) => sum + value(brand), 0);
  return {
    brands: brands.length,
    appearances: appearances.length,
    visibleSeconds: total(({ visibleSeconds }) => visibleSeconds),
    weightedSeconds: total(({ weightedSeconds }) => weightedSeconds),
  };
}
