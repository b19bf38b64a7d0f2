import { computed, signal } from '@angular/core';
import { groupedBy } from '../../core/grouped-by';

/** Where what somebody arranged is kept: the browser's own store, or nothing. */
export type Store = Pick<Storage, 'getItem' | 'setItem'>;

/** Streams of one group, in the order that somebody gave them. */
export interface WallGroup<T> {
  /** Empty: those that are in none. */
  readonly name: string;
  readonly streams: readonly T[];
}

interface Kept {
  /** Names of streams, those first that were put first. */
  readonly order: readonly string[];
  /** Group by the name of the stream. */
  readonly groups: Readonly<Record<string, string>>;
}

const KEPT_AS = 'vedette.wall';
const NOTHING: Kept = { order: [], groups: {} };
export const GROUP_NAME_LENGTH = 40;
/** Of streams that are gone; more than anybody has. */
const MOST_KEPT = 2_000;

/** How a person arranges the wall. Kept in this browser: it is theirs, not the installation's. */
export class WallPrefs {
  private readonly kept;
  readonly groupNames = computed(() => [...new Set(Object.values(this.kept().groups))].toSorted((a, b) => a.localeCompare(b)));

  constructor(private readonly store: Store | null) {
    this.kept = signal(read(store));
  }

  groupOf(name: string): string {
    return this.kept().groups[name] ?? '';
  }

  /** In groups by name, those without one last; new streams come after those that were arranged. */
  arranged<T extends { readonly name: string }>(streams: readonly T[]): WallGroup<T>[] {
    const place = new Map(this.kept().order.map((name, at) => [name, at]));
    const ordered = streams.toSorted((a, b) => (place.get(a.name) ?? Infinity) - (place.get(b.name) ?? Infinity) || 0);
    const groups = groupedBy(ordered, ({ name }) => this.groupOf(name));
    return [...groups]
      .map(([name, members]) => ({ name, streams: members }))
      .toSorted((a, b) => Number(a.name === '') - Number(b.name === '') || a.name.localeCompare(b.name));
  }

  /** @param before the name that it is put before; null: to the end of its group */
  put(name: string, group: string, before: string | null, shown: readonly string[]): void {
    // Streams that a filter hides keep their places.
    const known = [...new Set([...this.kept().order, ...shown])].filter((other) => other !== name);
    const at = before === null ? known.length : known.indexOf(before);
    this.keep({ order: known.toSpliced(at < 0 ? known.length : at, 0, name), groups: grouped(this.kept().groups, name, group) });
  }

  assign(name: string, group: string): void {
    this.keep({ ...this.kept(), groups: grouped(this.kept().groups, name, group) });
  }

  private keep({ order, groups }: Kept): void {
    const kept = { order: order.slice(-MOST_KEPT), groups };
    this.kept.set(kept);
    try {
      this.store?.setItem(KEPT_AS, JSON.stringify(kept));
    } catch {
      // Full, or forbidden: it holds until the page is closed.
    }
  }
}

function grouped(groups: Kept['groups'], name: string, group: string): Kept['groups'] {
  const { [name]: _, ...others } = groups;
  const given = group.trim().slice(0, GROUP_NAME_LENGTH);
  return given === '' ? others : { ...others, [name]: given };
}

/** What somebody else wrote there is not taken. */
function read(store: Store | null): Kept {
  try {
    const { order, groups } = JSON.parse(store?.getItem(KEPT_AS) ?? '{}') as Partial<Kept>;
    const texts = (values: readonly unknown[]): boolean => values.every((value) => typeof value === 'string');
    return {
      order: Array.isArray(order) && texts(order) ? order.slice(0, MOST_KEPT) : NOTHING.order,
      groups: typeof groups === 'object' && groups !== null && texts(Object.values(groups)) ? groups : NOTHING.groups,
    };
  } catch {
    return NOTHING;
  }
}
