import type { JsonObject, PtsUs } from 'vedette/plugin';

/** One logo on one sampled frame, as kept until its segment ends. Plain JSON. */
export interface Sighting extends JsonObject {
  track: number;
  subjectId: string;
  referenceId: string;
  label: string;
  /** x0, y0, x1, y1 in pixels of the analysed picture. */
  box: number[];
  score: number;
  clarity: number;
  interpolated: boolean;
}

/** One sampled frame that is still to be reported. */
export interface Sample extends JsonObject {
  ptsUs: PtsUs;
  sightings: Sighting[];
}

/** What is followed from frame to frame. */
export interface Track extends JsonObject {
  id: number;
  /** Which look of the reference index it is. */
  look: string;
  slant: number;
  /** The last pose, and how its centre moves, in pixels per second. */
  pose: number[];
  velocity: number[];
  lastPtsUs: PtsUs;
  lastBox: number[];
  correlation: number;
  netScore: number;
  /** Best scores so far, highest first. */
  topScores: number[];
  hits: number;
  /** Samples in a row on which it did not move: an overlay, or a sign before a resting camera. */
  stillHits: number;
}
