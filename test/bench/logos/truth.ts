import { readFileSync } from 'node:fs';

/** Corners in pixels of the clip: left, top, right, bottom. */
export type Corners = readonly [number, number, number, number];

/** A logo in a frame. */
export interface TrueLogo {
  readonly brand: string;
  /** False for distractors. */
  readonly gallery: boolean;
  readonly box: Corners;
  /** Too small, too much covered or just fading in: finding it is neither right nor wrong. */
  readonly ignore: boolean;
}

/** What is known of a clip; `frames` holds the logos of every frame, in display order. */
export interface ClipTruth {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly fps: number;
  readonly bitrateKbps: number;
  readonly frames: readonly (readonly TrueLogo[])[];
}

export const readTruth = (file: string): ClipTruth => JSON.parse(readFileSync(file, 'utf8')) as ClipTruth;
