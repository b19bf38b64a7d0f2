import type { JsonValue } from '../json.js';
import type { PtsUs } from '../time.js';
import { type Motion, motionFromNumbers, motionToNumbers } from './motion-model.js';

/** An object that is being followed. */
export interface Track {
  /** 0 while it is tentative. */
  number: number;
  readonly label: string;
  hits: number;
  /** False once a frame went by without it. */
  isSeen: boolean;
  lastPtsUs: PtsUs;
  motion: Motion;
}

/** The tracker's state from segment to segment. */
export interface TrackerMemory {
  idPrefix: string;
  nextNumber: number;
  lastPtsUs: PtsUs | null;
  /** In order of birth. */
  tracks: Track[];
}

const VERSION = 1;

/** Compact: labels by number, times relative to the last frame. */
export function memoryToJson(memory: TrackerMemory): JsonValue {
  const labels = [...new Set(memory.tracks.map(({ label }) => label))];
  const lastPtsUs = memory.lastPtsUs ?? 0;
  return {
    v: VERSION,
    x: memory.idPrefix,
    n: memory.nextNumber,
    p: memory.lastPtsUs,
    l: labels,
    t: memory.tracks.map((track) => [
      track.number,
      labels.indexOf(track.label),
      track.hits,
      track.isSeen ? 1 : 0,
      lastPtsUs - track.lastPtsUs,
      ...motionToNumbers(track.motion),
    ]),
  };
}

/** @returns undefined for anything that {@link memoryToJson} did not make: the tracker then starts anew */
export function memoryFromJson(json: JsonValue | undefined, maxTracks: number): TrackerMemory | undefined {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined;
  const { v, x, n, p, l, t } = json;
  if (v !== VERSION || typeof x !== 'string' || x.length > 32 || !isCount(n) || !(p === null || Number.isSafeInteger(p))) return undefined;
  if (!Array.isArray(l) || !l.every((label) => typeof label === 'string') || !Array.isArray(t) || t.length > maxTracks) return undefined;
  const tracks: Track[] = [];
  for (const row of t) {
    const track = Array.isArray(row) ? trackFromRow(row, l as string[], (p as number | null) ?? 0) : undefined;
    if (track === undefined || track.number >= n) return undefined;
    tracks.push(track);
  }
  return { idPrefix: x, nextNumber: n, lastPtsUs: p as number | null, tracks };
}

function trackFromRow(row: readonly JsonValue[], labels: readonly string[], lastPtsUs: PtsUs): Track | undefined {
  const [number, labelAt, hits, seen, sinceUs, ...numbers] = row;
  const motion = motionFromNumbers(numbers);
  if (!isCount(number) || !isCount(labelAt) || !isCount(hits) || !isCount(sinceUs) || motion === undefined) return undefined;
  const label = labels[labelAt];
  return label === undefined ? undefined : { number, label, hits, isSeen: seen === 1, lastPtsUs: lastPtsUs - sinceUs, motion };
}

const isCount = (value: JsonValue | undefined): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
