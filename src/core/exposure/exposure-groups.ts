import { ExposureMeter, type ExposureOptions, type ExposureReport } from './exposure-meter.js';
import type { Sighting } from './brand-sighting.js';

export type Grouping = 'range' | 'session' | 'day';

export interface ExposureGroup extends ExposureReport {
  /** `range`, the epoch's id, or the day as `2026-11-24`. */
  readonly key: string;
}

/** Meters by session or day, or one for all. A day is a calendar day of the given time zone. */
export class ExposureGroups {
  private readonly meters = new Map<string, ExposureMeter>();
  private readonly keyOf: (sighting: Sighting) => string;

  /** @throws RangeError for a time zone that does not exist */
  constructor(
    grouping: Grouping,
    private readonly options: ExposureOptions,
    timeZone = 'UTC',
  ) {
    if (grouping === 'range') this.keyOf = () => 'range';
    else if (grouping === 'session') this.keyOf = ({ epochId }) => epochId;
    else this.keyOf = dayIn(timeZone);
  }

  add(sighting: Sighting): void {
    const key = this.keyOf(sighting);
    const meter = this.meters.get(key) ?? new ExposureMeter(this.options);
    this.meters.set(key, meter);
    meter.add(sighting);
  }

  /** What is kept so far, of all groups. */
  get size(): ExposureMeter['size'] {
    let [brands, appearances] = [0, 0];
    for (const { size } of this.meters.values()) [brands, appearances] = [brands + size.brands, appearances + size.appearances];
    return { brands, appearances };
  }

  /** In the order in which they began. */
  finish(): ExposureGroup[] {
    return [...this.meters].map(([key, meter]) => ({ key, ...meter.finish() }));
  }
}

/** The formatter is slow: asked once per minute of media, since no day begins within a minute. */
function dayIn(timeZone: string): (sighting: Sighting) => string {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  let minute = Number.NaN;
  let day = '';
  return ({ atMs }) => {
    const current = Math.floor(atMs / 60_000);
    if (current !== minute) {
      minute = current;
      day = format.format(current * 60_000);
    }
    return day;
  };
}
