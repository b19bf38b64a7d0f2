/** Who publishes a stream from a page now. */
export interface Occupant {
  /** The page's own name for what it does: after a lost connection it comes back under the same one. */
  readonly session: string | undefined;
  /** Ends it: another page has the stream. */
  takenOver(): void;
  /** Settles when its epoch has ended. */
  readonly ended: Promise<void>;
}

/** The longest a page waits for the packager of the one before. */
const HANDOVER_MS = 5000;

/** One page per stream. Core refuses a second one, unless it is the first one come back, or says that it takes over. */
export class Occupants {
  private readonly byStream = new Map<string, Occupant>();

  /** Whether the stream is a session's that has come back. */
  isOwn(streamId: string, session: string | undefined): boolean {
    return session !== undefined && this.byStream.get(streamId)?.session === session;
  }

  /**
   * Makes it the stream's occupant; the one before is ended.
   * @returns settles when the stream is free, 5 s at the latest
   */
  async enter(streamId: string, occupant: Occupant): Promise<void> {
    const previous = this.byStream.get(streamId);
    this.byStream.set(streamId, occupant);
    void occupant.ended.then(() => {
      if (this.byStream.get(streamId) === occupant) this.byStream.delete(streamId);
    });
    if (previous === undefined) return;
    previous.takenOver();
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, HANDOVER_MS);
    void previous.ended.then(resolve);
    await promise;
    clearTimeout(timer);
  }
}
