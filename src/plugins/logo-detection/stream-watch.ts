import {
  Box,
  type Box01,
  type Emit,
  type FitTransform,
  type Frame,
  type JsonObject,
  type JsonValue,
  type PtsUs,
  type SegmentInfo,
} from 'vedette/plugin';
import { Appearances, rounded, type Appearance, type BrandSample } from './appearances.js';
import { evidenceRank, openShare } from './evidence-rank.js';
import type { LogoDetectionConfig } from './config.js';
import type { Follower } from './following.js';
import type { FullSearch } from './full-search.js';
import { GrayPyramid } from './gray-pyramid.js';
import { overlapOf, shareWithin, type Corners } from './homography.js';
import { isCut, tilesOf } from './picture-change.js';
import type { ReferenceIndex } from './reference-index.js';
import type { Sample, Sighting, Track } from './sighting.js';
import { TrackBook } from './track-book.js';
import type { Verified, Verifier } from './verification.js';

/** Frames kept as pictures, to look back at when something is found late. */
const MAX_LOOK_BACK = 12;
/** Samples that may wait for their segment's end; more are reported as they come. */
const MAX_PENDING = 64;
/** What was searched a moment ago is not searched again at a segment's end, or for a logo that was lost. */
const LEAST_BETWEEN_SEARCHES_US = 1_500_000;
const MAX_SIGHTINGS_PER_FRAME = 40;
/** Boxes of one frame that share more than this are one thing: the likelier logo stays. */
const MAX_SHARED_BOX = 0.35;
/** A box that lies this far within a likelier one is a part of that logo. */
const MAX_COVERED = 0.6;
/** A logo lost at this score or above is worth a search before its time. */
const WORTH_SEARCHING = 0.5;

interface Remembered {
  readonly picture: GrayPyramid;
  readonly sample: Sample;
  readonly cutBefore: boolean;
}

interface WatchState {
  lastPtsUs: PtsUs | null;
  lastSearchUs: PtsUs | null;
  tiles: Uint8Array | null;
  samples: Sample[];
  fit: FitTransform | null;
}

export interface WatchParts {
  readonly config: LogoDetectionConfig;
  readonly search: FullSearch;
  readonly follower: Follower;
  readonly verifier: Verifier;
}

/** One stream: what is looked at when, what is followed, and what is said of it. */
export class StreamWatch {
  private readonly state: WatchState;
  private readonly tracks: TrackBook;
  private readonly appearances: Appearances;
  /** Not in the checkpoint: looking back ends where a segment does. */
  private remembered: Remembered[] = [];

  constructor(
    private readonly parts: WatchParts,
    epochId: string,
    checkpoint?: JsonValue,
  ) {
    const saved = (checkpoint ?? {}) as JsonObject;
    this.state = {
      lastPtsUs: numberOr(saved['lastPtsUs']),
      lastSearchUs: numberOr(saved['lastSearchUs']),
      tiles: typeof saved['tiles'] === 'string' ? new Uint8Array(Buffer.from(saved['tiles'], 'base64')) : null,
      samples: (saved['samples'] ?? []) as Sample[],
      fit: (saved['fit'] ?? null) as FitTransform | null,
    };
    const maxGapUs = parts.config.maxGap * 1000;
    this.tracks = new TrackBook(maxGapUs, (saved['tracks'] ?? []) as Track[], numberOr(saved['nextTrack']) ?? 1);
    this.appearances = new Appearances(epochId, maxGapUs, (saved['appearances'] ?? []) as Appearance[]);
  }

  checkpoint(): JsonValue {
    const { tiles, fit, ...rest } = this.state;
    const saved = { tiles: tiles && Buffer.from(tiles).toString('base64'), fit: fit && { ...fit }, nextTrack: this.tracks.next };
    return structuredClone({ ...rest, ...saved, tracks: this.tracks.all, appearances: this.appearances.open });
  }

  async frame(frame: Frame, index: ReferenceIndex, emit: Emit): Promise<void> {
    const { ptsUs, widthPx, heightPx } = frame;
    const picture = new GrayPyramid({ data: Uint8Array.from(frame.data), widthPx, heightPx });
    const tiles = tilesOf(picture);
    const cut = this.state.tiles === null || isCut(this.state.tiles, tiles);
    const sample: Sample = { ptsUs, sightings: [] };
    const lost = await this.follow(picture, sample, index, cut);
    this.state.samples.push(sample);
    this.state.tiles = tiles;
    this.state.fit = { ...frame.fit };
    this.remembered.push({ picture, sample, cutBefore: cut });
    const { lastSearchUs } = this.state;
    const due = lastSearchUs === null || ptsUs - lastSearchUs >= this.parts.config.searchEvery * 1000;
    const soon = lastSearchUs !== null && ptsUs - lastSearchUs < LEAST_BETWEEN_SEARCHES_US;
    if (index.looks.length > 0 && (cut || due || (lost && !soon))) {
      await this.search(picture, sample, index);
    }
    if (this.remembered.length > MAX_LOOK_BACK) this.remembered.shift();
    settle(sample);
    this.state.lastPtsUs = ptsUs;
    if (this.state.samples.length > MAX_PENDING) this.report(this.state.samples.length - 1, null, emit);
  }

  /** A search of the last frame finds what came up during the segment, so that looking back can tell since when. */
  async endSegment(segment: SegmentInfo, index: ReferenceIndex, emit: Emit): Promise<void> {
    await this.searchLast(index);
    this.report(this.state.samples.length, segment.ptsEndUs, emit);
    if (this.state.lastPtsUs !== null) this.appearances.update(this.state.lastPtsUs, emit);
    this.remembered = [];
  }

  /** Media is missing from here on, or the stream is over. */
  async interrupt(index: ReferenceIndex, emit: Emit): Promise<void> {
    await this.searchLast(index);
    this.report(this.state.samples.length, null, emit);
    this.appearances.endAll(emit);
    this.tracks.clear();
    this.remembered = [];
    this.state.tiles = null;
    this.state.lastSearchUs = null;
  }

  private async searchLast(index: ReferenceIndex): Promise<void> {
    const last = this.remembered[this.remembered.length - 1];
    const { lastSearchUs } = this.state;
    if (last === undefined || index.looks.length === 0) return;
    if (lastSearchUs !== null && last.sample.ptsUs - lastSearchUs < LEAST_BETWEEN_SEARCHES_US) return;
    await this.search(last.picture, last.sample, index);
    settle(last.sample);
  }

  /** Looks where the known logos should be. True where a good one is gone. */
  private async follow(picture: GrayPyramid, sample: Sample, index: ReferenceIndex, cut: boolean): Promise<boolean> {
    let lost = false;
    for (const track of this.tracks.live(sample.ptsUs)) {
      // Across a cut only what lies upon the picture stays where it was.
      const found = await (cut
        ? this.parts.follower.probe(picture, track, index)
        : this.parts.follower.follow(picture, track, sample.ptsUs, index));
      if (found !== undefined && found.score >= this.parts.config.keepScore) this.see(track, found, sample);
      else lost ||= !cut && (track.topScores[0] ?? 0) >= WORTH_SEARCHING && this.tracks.isFresh(track, this.state.lastPtsUs);
    }
    for (const track of this.tracks.lingering(sample.ptsUs)) {
      const found = await this.parts.follower.probe(picture, track, index);
      if (found !== undefined && found.score >= this.parts.config.minScore) this.see(track, found, sample);
    }
    return lost;
  }

  private async search(picture: GrayPyramid, sample: Sample, index: ReferenceIndex): Promise<void> {
    this.state.lastSearchUs = sample.ptsUs;
    const candidates = await this.parts.search.search(picture, index);
    for (const candidate of candidates) {
      if (candidate.score < this.parts.search.leastScore) continue;
      if (
        sample.sightings.some(
          (known) => known.subjectId === candidate.look.subjectId && overlapOf(cornersOfBox(known.box), candidate.bounds) > MAX_SHARED_BOX,
        )
      )
        continue;
      const found = await this.parts.verifier.verify(picture, candidate);
      if (found.score < this.parts.config.keepScore) continue;
      if (sample.sightings.some((known) => known.score >= found.score && overlapOf(cornersOfBox(known.box), found.bounds) > MAX_SHARED_BOX))
        continue;
      const track = this.tracks.resume(found, sample.ptsUs) ?? this.tracks.begin(found, sample.ptsUs);
      this.see(track, found, sample);
      if (track.hits === 1) await this.lookBack(track, index);
    }
  }

  /** What is found now may have been there on the frames that were not searched. */
  private async lookBack(track: Track, index: ReferenceIndex): Promise<void> {
    const past: Track = structuredClone(track);
    let follows = true;
    const from = this.remembered.findIndex(({ sample }) => sample.ptsUs === track.lastPtsUs);
    for (let i = from; i > 0; i--) {
      const { picture, sample } = this.remembered[i - 1]!;
      if (sample.sightings.some((known) => known.track === track.id)) return;
      follows &&= !this.remembered[i]!.cutBefore;
      const { follower, config } = this.parts;
      const followed: Verified | undefined = follows ? await follower.follow(picture, past, sample.ptsUs, index) : undefined;
      const found: Verified | undefined =
        followed !== undefined && followed.score >= config.keepScore ? followed : await follower.probe(picture, past, index);
      follows &&= found !== undefined && found === followed;
      if (found === undefined || found.score < (follows ? config.keepScore : config.minScore)) continue;
      this.tracks.move(past, found, sample.ptsUs);
      sample.sightings.push(sightingOf(track, found));
      this.tracks.credit(track, found.score);
      track.stillHits = Math.max(track.stillHits, past.stillHits);
      settle(sample);
    }
  }

  private see(track: Track, found: Verified, sample: Sample): void {
    this.tracks.move(track, found, sample.ptsUs);
    this.tracks.credit(track, found.score);
    sample.sightings.push(sightingOf(track, found));
  }

  private report(count: number, endUs: PtsUs | null, emit: Emit): void {
    const { samples, fit } = this.state;
    if (fit === null) return;
    const { config } = this.parts;
    this.tracks.bridge(samples);
    const nominalMs = 1000 / config.fps;
    samples.splice(0, count).forEach((sample, i, done) => {
      const next = done[i + 1]?.ptsUs ?? samples[0]?.ptsUs ?? endUs;
      const sampleMs = next === null ? nominalMs : Math.min(2 * nominalMs, Math.max(0, (next - sample.ptsUs) / 1000));
      const brands = new Map<string, BrandSample>();
      for (const sighting of sample.sightings) {
        const score = this.tracks.judged(sighting);
        if (score < config.keepScore) continue;
        const box = Box.fromInputCornersPx(sighting.box[0]!, sighting.box[1]!, sighting.box[2]!, sighting.box[3]!, fit);
        const { subjectId, referenceId, label, clarity, interpolated } = sighting;
        emit({
          type: 'detection',
          ptsUs: sample.ptsUs,
          label,
          score,
          box,
          trackId: `logo-${sighting.track}`,
          attributes: {
            subjectId,
            referenceId,
            clarity,
            sampleMs: Math.round(sampleMs * 1000) / 1000,
            ...(interpolated && { interpolated }),
          },
        });
        if (score < config.minScore) continue;
        const other = brands.get(subjectId);
        const best = config.evidence && !interpolated ? pictureOf(sighting, box, score, sample, fit) : undefined;
        brands.set(subjectId, {
          subjectId,
          label,
          share: Math.min(1, (other?.share ?? 0) + box.width * box.height),
          score: Math.max(other?.score ?? 0, score),
          clarity: Math.max(other?.clarity ?? 0, clarity),
          best: best !== undefined && best.rank > (other?.best?.rank ?? 0) ? best : other?.best,
        });
      }
      this.appearances.sample(sample.ptsUs, sampleMs, [...brands.values()], emit);
    });
    this.tracks.prune(this.state.lastPtsUs ?? 0, samples);
  }
}

function pictureOf(
  sighting: Sighting,
  box: Box01,
  score: number,
  { sightings }: Sample,
  fit: FitTransform,
): NonNullable<BrandSample['best']> {
  const others = sightings.filter((other) => other !== sighting).map((other) => cornersOfBox(other.box));
  const open = openShare(cornersOfBox(sighting.box), others, { widthPx: fit.frameWidthPx, heightPx: fit.frameHeightPx });
  return { box, rank: rounded(evidenceRank({ box, score, clarity: sighting.clarity, open })) };
}

/** Of boxes that lie upon one another the best stays. */
function settle(sample: Sample): void {
  const kept: Sighting[] = [];
  for (const sighting of [...sample.sightings].sort((a, b) => b.score - a.score || a.track - b.track)) {
    if (kept.length >= MAX_SIGHTINGS_PER_FRAME) break;
    const box = cornersOfBox(sighting.box);
    if (
      kept.every(
        (other) => overlapOf(cornersOfBox(other.box), box) <= MAX_SHARED_BOX && shareWithin(box, cornersOfBox(other.box)) <= MAX_COVERED,
      )
    )
      kept.push(sighting);
  }
  sample.sightings = kept;
}

function sightingOf(track: Track, { look, bounds, score, clarity }: Verified): Sighting {
  const { subjectId, referenceId, label } = look;
  const box = [bounds.x0, bounds.y0, bounds.x1, bounds.y1].map((value) => Math.round(value * 10) / 10);
  return { track: track.id, subjectId, referenceId, label, box, score: rounded(score), clarity: rounded(clarity), interpolated: false };
}

const cornersOfBox = ([x0 = 0, y0 = 0, x1 = 0, y1 = 0]: readonly number[]): Corners => ({ x0, y0, x1, y1 });
const numberOr = (value: JsonValue | undefined): number | null => (typeof value === 'number' ? value : null);
