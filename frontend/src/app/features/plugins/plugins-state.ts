import { computed } from '@angular/core';
import type { ApiClient } from '../../api/api-client';
import type { InstalledPluginWire } from '../../api/models';
import type { PageClock } from '../../core/page-clock';
import { Polling } from '../../core/polling';

export interface PluginsDeps extends PageClock {
  readonly api: ApiClient;
}

const EVERY_MS = 10_000;

/** Every plugin there is; asked for while somebody looks. */
export class PluginsState {
  readonly plugins: Polling<InstalledPluginWire[]>;
  /** What is broken or fails first, then what runs, then the rest; each by its name. */
  readonly sorted = computed(() =>
    [...(this.plugins.value() ?? [])].sort((a, b) => ORDER[a.health] - ORDER[b.health] || a.id.localeCompare(b.id)),
  );
  readonly waiting = computed(() => (this.plugins.value() ?? []).filter(({ restartNeeded }) => restartNeeded));
  private stopAsking: (() => void) | null = null;

  constructor(private readonly deps: PluginsDeps) {
    this.plugins = new Polling(() => deps.api.installedPlugins(), deps.now);
  }

  start(): void {
    this.stopAsking ??= this.deps.every(EVERY_MS, () => void this.plugins.load());
    void this.plugins.load();
  }

  stop(): void {
    this.stopAsking?.();
    this.stopAsking = null;
    this.plugins.clear();
  }
}

const ORDER: Readonly<Record<InstalledPluginWire['health'], number>> = { broken: 0, failing: 1, well: 2, off: 3 };
