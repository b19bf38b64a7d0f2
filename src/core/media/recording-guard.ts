/**
 * Whether there is room to record. An abstract class so that it is its own Nest token; where nobody provides it everything is
 * recorded until the disk refuses.
 */
export abstract class RecordingGuard {
  /** Why nothing may be recorded now, for a person; null: it may. */
  abstract refusal(): string | null;
  /** A stream's media was turned away for {@link refusal}: its time is to be a gap. */
  abstract refused(streamId: string): void;
  /** Hears when what is being recorded has to end. */
  abstract onStop(listener: () => void): void;
}
