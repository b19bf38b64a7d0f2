/** `new`: it has just become one, and is to be told of; `known`: it goes on. */
export type Contest = 'none' | 'new' | 'known';

/** A stream taken from a living node twice within this time is contested, until it is quiet for as long. */
const WINDOW_MS = 60_000;

/** Tells a publisher that moved from two that fight for a stream. */
export class TakeOverWatch {
  readonly #streams = new Map<string, { atMs: number; contested: boolean }>();

  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  /** This node took the stream from another living one. */
  took(streamId: string): Contest {
    const atMs = this.nowMs();
    const before = this.#streams.get(streamId);
    const isContested = before !== undefined && atMs - before.atMs < WINDOW_MS;
    this.#streams.set(streamId, { atMs, contested: isContested });
    if (!isContested) return 'none';
    return before.contested ? 'known' : 'new';
  }
}
