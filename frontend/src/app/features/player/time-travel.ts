import type { Signal } from '@angular/core';
import type { ApiClient } from '../../api/api-client';
import type { EventWire, StreamWire } from '../../api/models';
import type { Moment, PlayerClock, Seeker } from '../../core/player-clock';
import { neighbourEvent } from './event-jump';
import type { HlsEngine } from './hls-engine';
import { pastRange } from './past-range';
import type { Transport } from './transport';

export interface TimeTravelParts {
  readonly api: Pick<ApiClient, 'page' | 'pages'>;
  readonly clock: PlayerClock;
  readonly stream: Signal<StreamWire>;
  /** Both are null until the video element is there. */
  readonly engine: Signal<HlsEngine | null>;
  readonly transport: Signal<Transport | null>;
  serverNow(): number;
  onError(error: unknown): void;
}

/** What was recorded of a stream that has ended is shown from so long before its end. */
const LAST_MS = 60_000;

/** From what is live into the past, about in it, and back. */
export class TimeTravel implements Seeker {
  constructor(private readonly parts: TimeTravelParts) {}

  /** Within what is loaded at once, else in a stretch of the past around it. */
  goTo(moment: Moment): void {
    const { clock, stream } = this.parts;
    const transport = this.parts.transport();
    if (transport === null) return;
    if (transport.show(moment)) {
      void this.parts.engine()?.play();
      return;
    }
    // Behind what is live nothing is recorded yet.
    const isAhead = clock.past() === null && stream().state === 'live' && moment.atMs > (clock.windowMs()?.toMs ?? Infinity);
    if (isAhead) this.goLive();
    else this.open(moment);
  }

  goLive(): void {
    const { clock } = this.parts;
    clock.past()?.view.close();
    clock.past.set(null);
    this.parts.transport()?.goLive();
  }

  pause(): void {
    this.parts.transport()?.pause();
  }

  move(byMs: number, isPaused: boolean): void {
    const { frame } = this.parts.clock;
    if (frame === null) return;
    this.goTo({ atMs: Math.min(frame.atMs + byMs, this.parts.serverNow()) });
    if (isPaused) this.pause();
  }

  /** @returns the event it went to; null where there is none */
  async goToEvent(isNext: boolean): Promise<EventWire | null> {
    const { api, clock, stream } = this.parts;
    const event = await neighbourEvent(api, stream().id, clock.frame?.atMs ?? this.parts.serverNow(), isNext);
    if (event !== null) clock.goTo({ atMs: Date.parse(event.startAt), frame: { epochId: event.epochId, ptsUs: event.startPtsUs } });
    return event;
  }

  /** What was recorded last of a stream that sends nothing. */
  lookBack(): void {
    const { epoch, stateAt } = this.parts.stream();
    this.parts.clock.goTo({ atMs: Date.parse(epoch?.endedAt ?? stateAt) - LAST_MS });
  }

  /** The same stretch of the past once more. @returns whether one is played */
  retry(): boolean {
    const past = this.parts.clock.past();
    if (past !== null) this.open({ atMs: past.start.atMs });
    return past !== null;
  }

  /** At the end of a stretch of the past the next one follows, as long as there is one. */
  goOn(): void {
    const past = this.parts.clock.past();
    if (past !== null && past.toMs <= this.parts.serverNow()) this.open({ atMs: past.toMs });
  }

  private open(moment: Moment): void {
    const { clock, stream } = this.parts;
    this.parts.transport()?.await(moment);
    clock.past()?.view.close();
    clock.past.set(pastRange(stream().id, moment, this.parts));
  }
}
