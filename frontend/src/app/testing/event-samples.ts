import type { EventGroupWire, ListedEventWire } from '../api/models';
import { anEvent, at } from './wire-samples';

/** Events of a list, for tests. */
export const aListedEvent = (n: number, over: Partial<ListedEventWire> = {}): ListedEventWire => ({
  ...anEvent(n),
  streamName: 'front-gate',
  streamTitle: 'Front gate',
  subject: null,
  score: null,
  analysedUpTo: null,
  isReviewed: false,
  ...over,
});

export const aGroup = (n: number, over: Partial<EventGroupWire> = {}, event: Partial<ListedEventWire> = {}): EventGroupWire => ({
  event: aListedEvent(n, event),
  count: 1,
  isCut: false,
  eventIds: [String(n)],
  firstStartAt: at(n * 1_000),
  reviewedCount: 0,
  ...over,
});
