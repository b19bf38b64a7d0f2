import type { JudgedFrame } from './evaluate.js';
import type { TextClip } from './truth.js';

export interface ReaderRun {
  /** One per frame looked at. */
  readonly frames: readonly JudgedFrame[];
  /** User and system time, decoding apart. */
  readonly cpuMs: number;
}

/** Reads the frames of a clip that Vedette's sampling takes. */
export interface Reader {
  readonly name: string;
  read(clip: TextClip): Promise<ReaderRun>;
  close(): Promise<void>;
}
