import { signal } from '@angular/core';
import type { MetricSeries } from '../../core/stream-view';
import { humanName } from '../../core/format';

const STORED_AS = 'vedette.metrics';
/** Without a choice of the viewer's own, groups are open while they are few charts in all. */
const OPEN_UP_TO = 8;

export interface MetricGroup {
  readonly analyzerId: string;
  readonly title: string;
  readonly series: readonly MetricSeries[];
}

/** Metrics by the analyzer that made them; those of the plainest analyzers come first. */
export function groupsOf(series: readonly MetricSeries[]): MetricGroup[] {
  const groups = new Map<string, MetricSeries[]>();
  for (const one of series) groups.set(one.analyzerId, [...(groups.get(one.analyzerId) ?? []), one]);
  return [...groups]
    .map(([analyzerId, own]) => ({ analyzerId, title: humanName(analyzerId), series: own.sort((a, b) => a.name.localeCompare(b.name)) }))
    .sort((a, b) => a.analyzerId.split('.').length - b.analyzerId.split('.').length || a.analyzerId.localeCompare(b.analyzerId));
}

/** Which groups this viewer has opened or closed; kept in the browser. */
export class OpenGroups {
  private readonly chosen = signal<Readonly<Record<string, boolean>>>({});

  constructor(private readonly storage: Pick<Storage, 'getItem' | 'setItem'> | null) {
    try {
      const stored = JSON.parse(storage?.getItem(STORED_AS) ?? '{}') as Record<string, unknown>;
      this.chosen.set(
        Object.fromEntries(Object.entries(stored).filter((entry): entry is [string, boolean] => typeof entry[1] === 'boolean')),
      );
    } catch {
      // Storage is off or holds something else: the defaults do.
    }
  }

  isOpen(group: MetricGroup, all: readonly MetricGroup[]): boolean {
    const chosen = this.chosen()[group.analyzerId];
    if (chosen !== undefined) return chosen;
    const before = all.slice(0, all.indexOf(group) + 1).reduce((sum, { series }) => sum + series.length, 0);
    return group === all[0] || before <= OPEN_UP_TO;
  }

  set(analyzerId: string, open: boolean): void {
    this.chosen.update((chosen) => ({ ...chosen, [analyzerId]: open }));
    try {
      this.storage?.setItem(STORED_AS, JSON.stringify(this.chosen()));
    } catch {
      // Full or forbidden: it lasts as long as the page.
    }
  }
}
