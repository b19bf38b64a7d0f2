import { signal } from '@angular/core';
import type { OverlaySettings } from './overlay-painter';

const STORED_AS = 'vedette.overlay';

/** How this viewer likes the overlay; kept in the browser. */
export class OverlayPrefs {
  readonly boxes = signal(true);
  readonly labels = signal(true);
  readonly trails = signal(false);
  readonly minScore = signal(0.3);
  /** Ids of analyzers whose boxes are not drawn. */
  readonly hidden = signal<ReadonlySet<string>>(new Set());
  readonly readout = signal(false);

  constructor(private readonly storage: Pick<Storage, 'getItem' | 'setItem'> | null) {
    try {
      const stored = JSON.parse(storage?.getItem(STORED_AS) ?? '{}') as Record<string, unknown>;
      for (const name of ['boxes', 'labels', 'trails'] as const) if (typeof stored[name] === 'boolean') this[name].set(stored[name]);
      const { minScore, hidden } = stored;
      if (typeof minScore === 'number' && minScore >= 0 && minScore <= 1) this.minScore.set(minScore);
      if (Array.isArray(hidden)) this.hidden.set(new Set(hidden.filter((id) => typeof id === 'string')));
    } catch {
      // Storage is off or holds something else: the defaults do.
    }
  }

  settings(): OverlaySettings {
    return { boxes: this.boxes(), labels: this.labels(), trails: this.trails(), minScore: this.minScore(), hidden: this.hidden() };
  }

  toggle(name: 'boxes' | 'labels' | 'trails'): void {
    this[name].update((on) => !on);
    this.save();
  }

  show(analyzerId: string, isShown: boolean): void {
    this.hidden.update((hidden) => new Set(isShown ? [...hidden].filter((id) => id !== analyzerId) : [...hidden, analyzerId]));
    this.save();
  }

  setMinScore(score: number): void {
    this.minScore.set(score);
    this.save();
  }

  private save(): void {
    try {
      this.storage?.setItem(STORED_AS, JSON.stringify({ ...this.settings(), hidden: [...this.hidden()] }));
    } catch {
      // Full or forbidden: it lasts as long as the page.
    }
  }
}
