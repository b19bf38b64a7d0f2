import { signal } from '@angular/core';
import type { MetricSeries } from '../../core/stream-view';
import { humanName } from '../../core/format';

const STORED_AS = 'vedette.measures';

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

/** What people look at first, by the name of the measure; one chart of each. */
const FIRST: readonly RegExp[] = [
  /motion/i,
  /count|objects|people|persons/i,
  /loudness|sound.?level|volume|rms/i,
  /brightness|luma/i,
  /sharpness|blur/i,
];
const FIRST_SHOWN = 3;

/** The three measures that matter most, of what there is; the others are behind a drawer. */
export function firstOf(series: readonly MetricSeries[]): MetricSeries[] {
  const byName = [...series].sort((a, b) => a.analyzerId.localeCompare(b.analyzerId) || a.name.localeCompare(b.name));
  const chosen = FIRST.flatMap((words) => byName.find(({ name }) => words.test(name) && !name.startsWith('rule:')) ?? []);
  const rest = byName.filter((one) => !chosen.includes(one));
  return [...new Set([...chosen, ...rest])].slice(0, FIRST_SHOWN);
}

/** Whether this viewer has the drawer open; kept in the browser. */
export class Drawer {
  readonly isOpen = signal(false);

  constructor(private readonly storage: Pick<Storage, 'getItem' | 'setItem'> | null) {
    this.isOpen.set(storage?.getItem(STORED_AS) === 'open');
  }

  set(isOpen: boolean): void {
    this.isOpen.set(isOpen);
    try {
      this.storage?.setItem(STORED_AS, isOpen ? 'open' : 'closed');
    } catch {
      // Full or forbidden: it lasts as long as the page.
    }
  }
}
