import type { Emit, JsonObject, JsonValue, PtsUs } from 'vedette/plugin';
import { LastingEvent, type LastingEventState } from './lasting-event.js';

/** Durations as the config gives them. */
export interface Lasting {
  readonly minDuration: number;
  readonly patience?: number;
}

/** The lasting events of one stream by name, with their common checkpoint. */
export class LastingEvents<Name extends string> {
  private readonly events: ReadonlyMap<Name, LastingEvent>;

  constructor(rules: Readonly<Record<Name, Lasting>>, epochId: string, saved?: JsonValue) {
    const states = (saved ?? {}) as Record<string, LastingEventState | undefined>;
    this.events = new Map(
      (Object.keys(rules) as Name[]).map((name) => {
        const { minDuration, patience = 0 } = rules[name];
        return [name, new LastingEvent(name, minDuration * 1000, epochId, states[name], patience * 1000)];
      }),
    );
  }

  get(name: Name): LastingEvent {
    const event = this.events.get(name);
    if (event === undefined) throw new RangeError(`There is no event ${name}`);
    return event;
  }

  /** Judges a measure: it begins at `limit` and goes on down to `stay` of it, so that it does not come and go at the threshold. */
  above(name: Name, value: number, limit: number, stay: number, ptsUs: PtsUs, emit: Emit, data?: JsonObject): void {
    const event = this.get(name);
    event.update(value >= (event.isHolding ? limit * stay : limit), ptsUs, emit, data);
  }

  endAll(ptsUs: PtsUs, emit: Emit): void {
    for (const event of this.events.values()) event.end(ptsUs, emit);
  }

  checkpoint(): JsonObject {
    return Object.fromEntries([...this.events].map(([name, event]) => [name, { ...event.state }]));
  }
}
