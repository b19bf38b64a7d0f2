/** A publishing connection, as the others of its stream see it. */
export interface Publisher {
  /** Closes the connection: another one with a valid key has taken the stream. */
  takenOver(): void;
  /** Settles when the connection's last epoch has ended. */
  readonly ended: Promise<void>;
}

/** The longest a new publisher waits for the packager of the one before. */
const HANDOVER_MS = 5000;

/** Who publishes what: one publisher per stream, the newest with a valid key. */
export class Publishers {
  private readonly byStream = new Map<string, Publisher>();

  /**
   * Makes `publisher` the stream's publisher; the one before is closed at once.
   * @returns settles when the stream is free, 5 s at the latest
   */
  claim(streamId: string, publisher: Publisher): Promise<void> {
    const previous = this.byStream.get(streamId);
    this.byStream.set(streamId, publisher);
    void publisher.ended.then(() => {
      if (this.byStream.get(streamId) === publisher) this.byStream.delete(streamId);
    });
    if (previous === undefined) return Promise.resolve();
    previous.takenOver();
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, HANDOVER_MS);
    void previous.ended.then(resolve);
    return promise.finally(() => clearTimeout(timer));
  }
}
