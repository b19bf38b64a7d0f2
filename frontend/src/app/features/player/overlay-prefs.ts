import { signal } from '@angular/core';
import type { OverlaySettings } from './overlay-painter';

const STORED_AS = 'vedette.overlay';

/** How this viewer likes the overlay; kept in the browser. */
export class OverlayPrefs {
  readonly boxes = signal(true);
  readonly labels = signal(true);
  readonly minScore = signal(0.3);
  readonly readout = signal(false);

  constructor(private readonly storage: Pick<Storage, 'getItem' | 'setItem'> | null) {
    try {
      const stored = JSON.parse(storage?.getItem(STORED_AS) ?? '{}') as Partial<OverlaySettings>;
      if (typeof stored.boxes === 'boolean') this.boxes.set(stored.boxes);
      if (typeof stored.labels === 'boolean') this.labels.set(stored.labels);
      if (typeof stored.minScore === 'number' && stored.minScore >= 0 && stored.minScore <= 1) this.minScore.set(stored.minScore);
    } catch {
      // Storage is off or holds something else: the defaults do.
    }
  }

  settings(): OverlaySettings {
    return { boxes: this.boxes(), labels: this.labels(), minScore: this.minScore() };
  }

  save(): void {
    try {
      this.storage?.setItem(STORED_AS, JSON.stringify(this.settings()));
    } catch {
      // Full or forbidden: it lasts as long as the page.
    }
  }
}
