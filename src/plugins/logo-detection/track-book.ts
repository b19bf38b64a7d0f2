import type { PtsUs } from 'vedette/plugin';
import { rounded } from './appearances.js';
import { centreOf } from './full-search.js';
import { overlapOf } from './homography.js';
import type { Sample, Sighting, Track } from './sighting.js';
import { surenessOf } from './track-evidence.js';
import type { Verified } from './verification.js';

const MAX_TRACKS = 60;
const TOP_SCORES = 4;
/** Weight of the track against the single frame. */
const TRACK_WEIGHT = 0.7;
/** What a box put between two sightings is worth. */
const BRIDGED_WORTH = 0.98;
const SAME_PLACE = 0.3;
/** A centre that moved less has not moved. */
const STILL_PX = 1.5;
const UNMOVED = 0.9;
/** What stood still this often, and was this sure, is taken for an overlay; how long its place is remembered, and bridged. */
const OVERLAY_HITS = 2;
const OVERLAY_SCORE = 0.5;
const OVERLAY_MEMORY_US = 12_000_000;
const OVERLAY_BRIDGE_US = 3_000_000;
const VELOCITY_WEIGHT = 0.5;

/** The tracks of one stream: where they were last, how sure they are. */
export class TrackBook {
  private tracks: Track[];

  constructor(
    private readonly maxGapUs: number,
    tracks: readonly Track[],
    public next: number,
  ) {
    this.tracks = structuredClone([...tracks]);
  }

  get all(): Track[] {
    return this.tracks;
  }

  /** Those that may still be there, surest first. */
  live(ptsUs: PtsUs): Track[] {
    return this.tracks
      .filter(({ lastPtsUs }) => ptsUs - lastPtsUs <= this.maxGapUs)
      .sort((a, b) => b.topScores[0]! - a.topScores[0]! || a.id - b.id);
  }

  /** Overlays that are gone for now: they come back where they were. */
  lingering(ptsUs: PtsUs): Track[] {
    return this.tracks.filter(
      (track) => isOverlay(track) && ptsUs - track.lastPtsUs > this.maxGapUs && ptsUs - track.lastPtsUs <= OVERLAY_MEMORY_US,
    );
  }

  /** Whether it was seen on the frame before. */
  isFresh({ lastPtsUs }: Track, frameBeforeUs: PtsUs | null): boolean {
    return lastPtsUs === frameBeforeUs;
  }

  /** A track of the same brand at the same place, which was not seen for a moment. */
  resume({ look, bounds }: Verified, ptsUs: PtsUs): Track | undefined {
    const [x0, y0, x1, y1] = [bounds.x0, bounds.y0, bounds.x1, bounds.y1];
    return [...this.live(ptsUs), ...this.lingering(ptsUs)].find(
      (track) =>
        track.lastPtsUs < ptsUs &&
        track.look === look.key &&
        overlapOf({ x0: track.lastBox[0]!, y0: track.lastBox[1]!, x1: track.lastBox[2]!, y1: track.lastBox[3]! }, { x0, y0, x1, y1 }) >
          SAME_PLACE,
    );
  }

  begin(found: Verified, ptsUs: PtsUs): Track {
    const track: Track = {
      id: this.next++,
      look: found.look.key,
      slant: found.slantIndex,
      pose: [...found.pose],
      velocity: [0, 0],
      lastPtsUs: ptsUs,
      lastBox: [],
      correlation: found.correlation,
      netScore: found.netScore,
      topScores: [0],
      hits: 0,
      stillHits: 0,
    };
    this.tracks.push(track);
    if (this.tracks.length > MAX_TRACKS)
      this.tracks.splice(this.tracks.indexOf(this.tracks.reduce((a, b) => (b.topScores[0]! < a.topScores[0]! && b !== track ? b : a))), 1);
    return track;
  }

  move(track: Track, found: Verified, ptsUs: PtsUs): void {
    const [from, to] = [centreOf(Float64Array.from(track.pose)), centreOf(found.pose)];
    const seconds = (ptsUs - track.lastPtsUs) / 1e6;
    if (seconds !== 0) {
      const [vx, vy] = track.velocity as [number, number];
      track.velocity = [vx + VELOCITY_WEIGHT * ((to.x - from.x) / seconds - vx), vy + VELOCITY_WEIGHT * ((to.y - from.y) / seconds - vy)];
    }
    if (seconds !== 0) track.stillHits = Math.hypot(to.x - from.x, to.y - from.y) < STILL_PX ? track.stillHits + 1 : 0;
    const { x0, y0, x1, y1 } = found.bounds;
    Object.assign(track, {
      pose: [...found.pose],
      slant: found.slantIndex,
      lastPtsUs: ptsUs,
      lastBox: [x0, y0, x1, y1],
      correlation: found.correlation,
      netScore: found.netScore,
    });
  }

  credit(track: Track, score: number): void {
    track.topScores = [...track.topScores.filter((known) => known > 0), rounded(score)].sort((a, b) => b - a).slice(0, TOP_SCORES);
    track.hits++;
  }

  /** A sighting's score in the light of its whole track. */
  judged({ track: id, score, interpolated }: Sighting): number {
    const track = this.tracks.find((known) => known.id === id);
    if (track === undefined) return score;
    const sure = surenessOf(track);
    return rounded(Math.min(1, interpolated ? sure * BRIDGED_WORTH : TRACK_WEIGHT * sure + (1 - TRACK_WEIGHT) * Math.min(score, 1)));
  }

  /** Puts boxes on the samples between two sightings of one track. */
  bridge(samples: readonly Sample[]): void {
    const last = new Map<number, { at: number; sighting: Sighting }>();
    samples.forEach((sample, at) => {
      for (const sighting of [...sample.sightings]) {
        const before = last.get(sighting.track);
        if (
          before !== undefined &&
          at - before.at > 1 &&
          sample.ptsUs - samples[before.at]!.ptsUs <= this.longestBridgeUs(before.sighting, sighting)
        ) {
          for (let i = before.at + 1; i < at; i++)
            samples[i]!.sightings.push(between(before.sighting, sighting, (i - before.at) / (at - before.at)));
        }
        last.set(sighting.track, { at, sighting });
      }
    });
  }

  /** An overlay that is back at its very place was there all along, unseen before a ground of its own colour. */
  private longestBridgeUs(a: Sighting, b: Sighting): number {
    const track = this.tracks.find(({ id }) => id === b.track);
    const [boxA, boxB] = [a.box, b.box].map(([x0 = 0, y0 = 0, x1 = 0, y1 = 0]) => ({ x0, y0, x1, y1 }));
    const isStill = track !== undefined && isOverlay(track) && overlapOf(boxA!, boxB!) > UNMOVED;
    return isStill ? Math.max(OVERLAY_BRIDGE_US, this.maxGapUs) : this.maxGapUs * 1.5;
  }

  /** Forgets what is long gone and no longer spoken of. */
  prune(ptsUs: PtsUs, pending: readonly Sample[]): void {
    const spoken = new Set(pending.flatMap(({ sightings }) => sightings.map(({ track }) => track)));
    this.tracks = this.tracks.filter((track) => {
      const { id, lastPtsUs } = track;
      return spoken.has(id) || ptsUs - lastPtsUs <= this.maxGapUs || (isOverlay(track) && ptsUs - lastPtsUs <= OVERLAY_MEMORY_US);
    });
  }

  clear(): void {
    this.tracks = [];
  }
}

const isOverlay = ({ stillHits, topScores }: Track): boolean => stillHits >= OVERLAY_HITS && topScores[0]! >= OVERLAY_SCORE;

function between(a: Sighting, b: Sighting, share: number): Sighting {
  const box = a.box.map((value, i) => Math.round((value + (b.box[i]! - value) * share) * 10) / 10);
  return { ...a, box, score: Math.min(a.score, b.score), clarity: Math.min(a.clarity, b.clarity), interpolated: true };
}
