import type { CapacityWire, ShadowWire, StrategyWire } from '../../../src/app/api/models';
import { CROWDED, FITS } from './capacity.ts';
import { SHADOWS } from './shadows.ts';
import { ALONE, STRATEGIES } from './strategies.ts';

/** Where work runs, as an installation would tell it. */
export interface Scene {
  readonly strategies: readonly StrategyWire[];
  readonly shadows: readonly ShadowWire[];
  /** null: there is no report. */
  readonly capacity: CapacityWire | null;
}
export type SceneName = 'single' | 'fits' | 'crowded';

export const SCENES: Readonly<Record<SceneName, Scene>> = {
  single: { strategies: [ALONE], shadows: [], capacity: null },
  fits: { strategies: STRATEGIES, shadows: SHADOWS, capacity: FITS },
  crowded: { strategies: STRATEGIES, shadows: SHADOWS, capacity: CROWDED },
};
