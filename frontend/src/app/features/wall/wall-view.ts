import { computed, type Signal } from '@angular/core';
import type { StreamWire } from '../../api/models';
import type { Dashboard } from '../../core/dashboard';
import { needsALook, tileState } from './tile-state';
import type { WallPrefs } from './wall-prefs';
import type { WallState } from './wall-state';

export const SHOWN = ['all', 'live', 'look'] as const;
export type Shown = (typeof SHOWN)[number];

/** What of the wall is asked for, as the address has it. */
export interface WallFilter {
  readonly text: Signal<string>;
  readonly shown: Signal<Shown>;
  /** Empty: every group. */
  readonly group: Signal<string>;
  /** All in one place, whatever their groups. */
  readonly isFlat: Signal<boolean>;
}

/** Which streams hang on the wall, and where. */
export class WallView {
  constructor(
    private readonly dashboard: Pick<Dashboard, 'streams' | 'health' | 'status'>,
    private readonly wall: Pick<WallState, 'tiles'>,
    private readonly prefs: WallPrefs,
    private readonly filter: WallFilter,
  ) {}

  private readonly marked = computed(() => {
    const isCurrent = this.dashboard.status.isCurrent();
    return this.dashboard.streams.list().map((stream) => {
      const open = this.wall.tiles().get(stream.id)?.openEvents ?? [];
      const state = tileState(stream, this.dashboard.health.of(stream.id), open, isCurrent);
      return { stream, isLive: state.word === 'live', isToLookAt: needsALook(state) };
    });
  });
  readonly counts = computed<Readonly<Record<Shown, number>>>(() => ({
    all: this.marked().length,
    live: this.marked().filter(({ isLive }) => isLive).length,
    look: this.marked().filter(({ isToLookAt }) => isToLookAt).length,
  }));
  readonly groups = computed(() => {
    const [text, shown, group] = [this.filter.text().trim().toLocaleLowerCase(), this.filter.shown(), this.filter.group()];
    const fits = ({ title, name }: StreamWire): boolean =>
      `${title} ${name}`.toLocaleLowerCase().includes(text) && (group === '' || this.prefs.groupOf(name) === group);
    const groups = this.prefs.arranged(
      this.marked()
        .filter(({ stream, isLive, isToLookAt }) => fits(stream) && (shown === 'all' || (shown === 'live' ? isLive : isToLookAt)))
        .map(({ stream }) => stream),
    );
    return this.filter.isFlat() ? [{ name: '', streams: groups.flatMap(({ streams }) => streams) }] : groups;
  });

  /** Puts a stream one place on or back among those of its group that are on show. */
  move(stream: StreamWire, by: -1 | 1): void {
    const group = this.prefs.groupOf(stream.name);
    const members = this.groups().find(({ name }) => name === group)?.streams ?? [];
    const at = members.findIndex(({ name }) => name === stream.name);
    this.place(stream, group, at + by);
  }

  /** Puts a stream at a place of a group. */
  place(stream: StreamWire, group: string, at: number): void {
    const shown = this.groups().flatMap(({ streams }) => streams.map(({ name }) => name));
    const others = (this.groups().find(({ name }) => name === group)?.streams ?? []).filter(({ name }) => name !== stream.name);
    const before = others[Math.max(0, at)]?.name ?? null;
    this.prefs.put(stream.name, group, before, shown);
  }
}

/** Tiles that are all in sight at once: how many beside each other, and how wide each. */
export interface Mosaic {
  readonly columns: number;
  readonly tilePx: number;
}

/** The largest tiles of 16 to 9 that fit. @param gapPx between them, and around them all */
export function mosaicFor(count: number, widthPx: number, heightPx: number, gapPx: number): Mosaic {
  let best: Mosaic = { columns: 1, tilePx: 0 };
  for (let columns = 1; columns <= Math.max(1, count); columns++) {
    const rows = Math.max(1, Math.ceil(count / columns));
    const across = (widthPx - gapPx * (columns + 1)) / columns;
    const down = (heightPx - gapPx * (rows + 1)) / rows;
    const tilePx = Math.floor(Math.min(across, (down * 16) / 9));
    if (tilePx > best.tilePx) best = { columns, tilePx };
  }
  return best;
}
