import type { CoverageLane, EventLane, TimelineModel } from './timeline-store';

/** A strip of the timeline, from top to bottom. */
export type TimelineRow =
  | { readonly kind: 'ruler' }
  | { readonly kind: 'recorded' }
  | { readonly kind: 'events'; readonly lane: EventLane }
  /** Lanes that there is no room for, all in one. */
  | { readonly kind: 'other-events'; readonly lanes: readonly EventLane[] }
  | { readonly kind: 'coverage-all'; readonly lanes: readonly CoverageLane[] }
  | { readonly kind: 'coverage'; readonly lane: CoverageLane };

export interface PlacedRow {
  readonly row: TimelineRow;
  readonly top: number;
  readonly height: number;
}

const HEIGHTS: Readonly<Record<TimelineRow['kind'], number>> = {
  ruler: 24,
  recorded: 34,
  events: 18,
  'other-events': 18,
  'coverage-all': 18,
  coverage: 18,
};
export const LANES_SHOWN = 5;

/** Lanes with most events first get a row each; coverage is one row until somebody opens it. */
export function rowsOf(model: TimelineModel, isCoverageOpen: boolean): PlacedRow[] {
  const lanes = [...model.events].sort((a, b) => secondsOf(b) - secondsOf(a));
  const shown = lanes.length <= LANES_SHOWN ? lanes : lanes.slice(0, LANES_SHOWN - 1);
  const others = lanes.slice(shown.length);
  const rows: TimelineRow[] = [
    { kind: 'ruler' },
    { kind: 'recorded' },
    ...shown.sort((a, b) => a.key.localeCompare(b.key)).map((lane) => ({ kind: 'events' as const, lane })),
    ...(others.length > 0 ? [{ kind: 'other-events' as const, lanes: others }] : []),
    ...(model.coverage.length > 0 ? [{ kind: 'coverage-all' as const, lanes: model.coverage }] : []),
    ...(isCoverageOpen ? model.coverage.map((lane) => ({ kind: 'coverage' as const, lane })) : []),
  ];
  let top = 0;
  return rows.map((row) => {
    const height = HEIGHTS[row.kind];
    top += height;
    return { row, top: top - height, height };
  });
}

export const heightOf = (rows: readonly PlacedRow[]): number => {
  const last = rows.at(-1);
  return last ? last.top + last.height : 0;
};

const secondsOf = ({ buckets }: EventLane): number => buckets.reduce((sum, { seconds, count }) => sum + seconds + count, 0);
