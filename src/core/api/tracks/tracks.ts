import { Injectable } from '@nestjs/common';
import { apiError } from '../../errors/api.errors.js';
import { EventReads } from '../../persistence/read/event-reads.js';
import type { RangeEvent } from '../../persistence/read/playlist-media.js';
import { RangeReads, type MediaRange } from '../../persistence/read/range-reads.js';
import type { ResultFilter } from '../../persistence/read/timeline-filter.js';
import { TimelineReads } from '../../persistence/read/timeline-reads.js';
import type { DetectionWire, ObservationWire, Page } from '../../wire/wire.js';
import { labelOf } from '../playback/date-range.js';
import { LabelSpans } from './label-spans.js';
import { RangeClock } from './range-clock.js';
import { webVtt, type Cue } from './web-vtt.js';

const MOST_EVENTS = 20_000;
/** Detections and texts that are read for one track. */
const MOST_RESULTS = 200_000;
const PAGE_ROWS = 5_000;
/** How long a text is shown that nobody says the end of. */
const TEXT_US = 3_000_000;

export interface TrackFilter {
  readonly epochId?: string | undefined;
  readonly analyzerId?: string | undefined;
  readonly labels?: readonly string[] | undefined;
}

/** What was found in a range, as text over the playlist of the same range. */
@Injectable()
export class Tracks {
  constructor(
    private readonly ranges: RangeReads,
    private readonly events: EventReads,
    private readonly timeline: TimelineReads,
  ) {}

  /** @throws VD_API_NOTHING_RECORDED, VD_API_RANGE_TOO_WIDE, VD_API_QUERY_TIMEOUT */
  async vtt(range: MediaRange, filter: TrackFilter): Promise<string> {
    const { epochs } = await this.ranges.media(range);
    const clock = new RangeClock(epochs);
    const mapped = filter.epochId === undefined ? epochs[0] : epochs.find(({ epochId }) => epochId === filter.epochId);
    const first = mapped?.segments[0];
    if (mapped === undefined || first === undefined)
      throw apiError('VD_API_NOTHING_RECORDED', `Nothing of stream ${range.streamId} was recorded in the range.`);
    const cues = [...(await this.ofEvents(range, filter, clock)), ...(await this.ofResults(range, filter, clock))];
    return webVtt(cues, { ptsUs: first.ptsStartUs, localUs: clock.offsetUs(mapped.epochId, first.ptsStartUs) ?? 0 });
  }

  private async ofEvents(range: MediaRange, { epochId, analyzerId, labels }: TrackFilter, clock: RangeClock): Promise<Cue[]> {
    const events = await this.events.touching({ ...range, analyzerId, most: MOST_EVENTS + 1 });
    if (events.length > MOST_EVENTS) throw tooMany(`${MOST_EVENTS} events`);
    const wanted = events.filter(
      (event) => (epochId === undefined || event.epochId === epochId) && (labels === undefined || isOf(event, labels)),
    );
    return wanted.flatMap((event) => {
      const startUs = clock.offsetUs(event.epochId, event.startPtsUs);
      const endUs = event.endPtsUs === null ? clock.endUs(event.epochId) : clock.offsetUs(event.epochId, event.endPtsUs);
      const label = labelOf(event);
      const text = label === event.name ? label : `${event.name}: ${label}`;
      return startUs === undefined || endUs === undefined ? [] : [{ id: `event-${event.id}`, startUs, endUs, text }];
    });
  }

  /** Detections as the stretches in which their labels were seen; texts that are of no event. */
  private async ofResults(range: MediaRange, { epochId, analyzerId, labels }: TrackFilter, clock: RangeClock): Promise<Cue[]> {
    const { streamId, fromMs, toMs } = range;
    const filter = {
      ...{ streamId, epochId, analyzerId, fromUs: fromMs * 1000, toUs: toMs * 1000 },
      ...{ limit: PAGE_ROWS, descending: false },
    };
    const spans = new LabelSpans();
    await this.each(
      { ...filter, names: labels },
      (page) => this.timeline.detections(page),
      (item: DetectionWire) => spans.add(item),
    );
    const cues: Cue[] = [];
    for (const { epochId: of, label, most, startPtsUs, endPtsUs } of spans.end()) {
      const [startUs, endUs] = [clock.offsetUs(of, startPtsUs), clock.offsetUs(of, endPtsUs)];
      if (startUs !== undefined && endUs !== undefined)
        cues.push({ id: `label-${cues.length + 1}`, startUs, endUs, text: most > 1 ? `${label} ×${most}` : label });
    }
    if (labels !== undefined) return cues;
    await this.each(
      { ...filter, names: ['text'] },
      (page) => this.timeline.observations(page),
      (item: ObservationWire) => {
        const startUs = clock.offsetUs(item.epochId, item.ptsUs);
        const { text, event } = item.data;
        if (startUs === undefined || typeof text !== 'string' || event !== undefined) return;
        cues.push({ id: `text-${item.runId}-${item.ordinal}`, startUs, endUs: startUs + TEXT_US, text });
      },
    );
    return cues;
  }

  private async each<T>(filter: ResultFilter, read: (filter: ResultFilter) => Promise<Page<T>>, take: (item: T) => void): Promise<void> {
    let after: string | undefined;
    let count = 0;
    do {
      const page = await read({ ...filter, after });
      count += page.items.length;
      if (count > MOST_RESULTS) throw tooMany(`${MOST_RESULTS} detections or texts`);
      page.items.forEach(take);
      after = page.next ?? undefined;
    } while (after !== undefined);
  }
}

const tooMany = (most: string): Error =>
  apiError('VD_API_RANGE_TOO_WIDE', `The range has more than ${most}: ask for less of it, for one \`analyzerId\` or for some \`label\`.`);

const isOf = (event: RangeEvent, labels: readonly string[]): boolean => labels.includes(event.name) || labels.includes(labelOf(event));
