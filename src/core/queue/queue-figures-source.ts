import type { FailedJobWire, QueueWire } from '../wire/wire.js';

/** What the API needs of the queues. An abstract class so that it is its own Nest token; core/queue implements it. */
export abstract class QueueFiguresSource {
  /** Every queue, by name. */
  abstract figures(): Promise<QueueWire[]>;
  /** Newest first; null when there is no queue of that name. */
  abstract failed(queue: string, limit: number): Promise<FailedJobWire[] | null>;
}
