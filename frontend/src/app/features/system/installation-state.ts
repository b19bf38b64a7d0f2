import { computed } from '@angular/core';
import type { ApiClient } from '../../api/api-client';
import type { AboutWire, RetentionWire } from '../../api/models';
import type { PageClock } from '../../core/page-clock';
import { Polling } from '../../core/polling';

const EVERY_MS = 30_000;

/** What runs here, on what, and how long the disks last. */
export class InstallationState {
  /** For admins only. */
  readonly about: Polling<AboutWire>;
  readonly retention: Polling<RetentionWire>;
  readonly problem = computed(() => this.retention.problem() ?? this.about.problem());
  private stopTimer: (() => void) | undefined;

  constructor(
    api: ApiClient,
    private readonly clock: PageClock,
    private readonly isAdmin: () => boolean,
  ) {
    const now = (): number => clock.now();
    this.about = new Polling(() => api.about(), now);
    this.retention = new Polling(() => api.retention(), now);
  }

  start(): void {
    void this.load();
    this.stopTimer ??= this.clock.every(EVERY_MS, () => void this.load());
  }

  stop(): void {
    this.stopTimer?.();
    this.stopTimer = undefined;
  }

  async load(): Promise<void> {
    await Promise.all([this.retention.load(), ...(this.isAdmin() ? [this.about.load()] : [])]);
  }
}
