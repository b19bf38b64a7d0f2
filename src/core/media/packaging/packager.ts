import type { PackagerInput } from '../../plugin-api/index.js';

export interface PackagerRequest {
  /** Absolute folder of the epoch; exists and is empty. Gets `000000.ts` … and `index.m3u8`. */
  readonly directory: string;
  readonly input: PackagerInput;
  /** Hears of each step forward, about twice a second. */
  readonly progress?: (progress: PackagerProgress) => void;
}

/** How far a packager has come. */
export interface PackagerProgress {
  /** Pictures taken in so far; 0 without video. */
  readonly videoFrames: number;
  /** The latest time in what was written, of whichever track. */
  readonly positionUs: number;
}

/** How a packager came to its end. Segments that are complete stay, whatever it was. */
export interface PackagerExit {
  /** `ended`: it was asked to; `input-ended`: its input was over; `packager-failed`: see `error`. */
  readonly reason: 'ended' | 'input-ended' | 'packager-failed';
  readonly error?: Error;
}

/** One epoch being packaged. */
export interface Packaging {
  /** See `EpochHandle.write`. */
  write(chunk: Uint8Array): boolean;
  drained(): Promise<void>;
  /** Closes the input, waits for the tail segment, then ends the process by force. Idempotent; never rejects. */
  end(): Promise<void>;
  /** Settles when media first came out; never rejects, and never settles if none did. */
  readonly flowing: Promise<void>;
  /** Process id once started, for tests and diagnosis. */
  readonly pid: number | undefined;
  readonly done: Promise<PackagerExit>;
}

/**
 * Turns an input into HLS: MPEG-TS segments that appear under their final name only when complete, and a live playlist.
 * An abstract class so that it is its own Nest token.
 */
export abstract class Packager {
  /** Starts at once; failures, a missing program included, come by {@link Packaging.done}. */
  abstract start(request: PackagerRequest): Packaging;
}
