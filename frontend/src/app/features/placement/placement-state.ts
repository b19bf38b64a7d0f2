import { computed } from '@angular/core';
import type { ApiClient } from '../../api/api-client';
import type { CapacityWire, ShadowWire, StrategyWire } from '../../api/models';
import { Polling } from '../../core/polling';
import type { PageClock } from '../../core/page-clock';

export interface PlacementDeps extends PageClock {
  readonly api: ApiClient;
}

const STRATEGIES_EVERY_MS = 5_000;
const SHADOWS_EVERY_MS = 30_000;
/** Each answer reads the runs of the window. */
const CAPACITY_EVERY_MS = 20_000;
const SHADOW_WINDOW = '24h';

/** Where work runs, whether it fits and what it costs; asked for while somebody looks. */
export class PlacementState {
  readonly strategies: Polling<StrategyWire[]>;
  readonly shadows: Polling<ShadowWire[]>;
  readonly capacity: Polling<CapacityWire>;
  /** This Vedette does not answer the question at all, so that it is asked no more until the page is opened anew. */
  readonly capacityMissing = computed(() => this.capacity.problem()?.status === 404);
  private stops: (() => void)[] = [];

  constructor(private readonly deps: PlacementDeps) {
    const { api, now } = deps;
    this.strategies = new Polling(() => api.strategies(), now);
    this.shadows = new Polling(() => api.shadows(SHADOW_WINDOW), now);
    this.capacity = new Polling(() => api.capacity(), now);
  }

  start(): void {
    if (this.stops.length > 0) return;
    const { every } = this.deps;
    this.stops = [
      every(STRATEGIES_EVERY_MS, () => void this.strategies.load()),
      every(SHADOWS_EVERY_MS, () => void this.shadows.load()),
      every(CAPACITY_EVERY_MS, () => {
        if (!this.capacityMissing()) void this.capacity.load();
      }),
    ];
    this.load();
  }

  load(): void {
    for (const part of [this.strategies, this.shadows, this.capacity]) void part.load();
  }

  stop(): void {
    for (const stop of this.stops) stop();
    this.stops = [];
    for (const part of [this.strategies, this.shadows, this.capacity]) part.clear();
  }
}
