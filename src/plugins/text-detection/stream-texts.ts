import {
  Box,
  Tracker,
  type Box01,
  type Emit,
  type Frame,
  type JsonObject,
  type JsonValue,
  type PtsUs,
  type StreamCourse,
} from 'vedette/plugin';
import type { TextDetectionConfig } from './config.js';
import { lineFromJson, lineToJson, type Line } from './line.js';
import type { LineEvents } from './line-events.js';
import { hasNewPart, isOtherShot, isOtherText, lookOfLine, lookOfScene, type Look } from './look.js';
import { cornersOf, type TurnedRect } from './quad.js';
import type { Reading, TextReader } from './text-reader.js';
import type { TextRegion, TextSearch } from './text-search.js';

/** Least overlap of a line with where it was expected. */
const LEAST_IOU = 0.3;

export interface TextParts {
  readonly config: TextDetectionConfig;
  readonly search: Pick<TextSearch, 'find'>;
  readonly reader: Pick<TextReader, 'read'>;
}

/**
 * One stream's course: when text is searched for, which lines go on from one search to the next, and which of them are read. A line
 * that looks as it did when it was read says what it said then: reading costs as much as searching, and most text stands still.
 */
export class StreamTexts implements StreamCourse {
  private lines: Line[];
  private scene: Look | null;
  private lastPtsUs: PtsUs | null;
  private lastSearchUs: PtsUs | null;
  /** Something has come up that is worth a search as soon as one is due again. */
  private isWorthSearching: boolean;
  private tracker: Tracker | null;

  constructor(
    private readonly parts: TextParts,
    private readonly events: LineEvents,
    checkpoint?: JsonValue,
  ) {
    const saved = (checkpoint ?? {}) as JsonObject;
    this.lines = ((saved['lines'] ?? []) as JsonObject[]).map(lineFromJson);
    this.scene = sceneFromJson(saved['scene'] ?? null);
    this.lastPtsUs = (saved['lastPtsUs'] ?? null) as PtsUs | null;
    this.lastSearchUs = (saved['lastSearchUs'] ?? null) as PtsUs | null;
    this.isWorthSearching = saved['isWorthSearching'] === true;
    this.tracker = saved['tracker'] == null ? null : this.trackerFrom(saved['tracker']);
  }

  async frame(frame: Frame, emit: Emit): Promise<void> {
    const scene = lookOfScene(frame);
    const isCut = this.scene === null || isOtherShot(this.scene, scene);
    this.isWorthSearching ||= frame.keyframe || (this.scene !== null && hasNewPart(this.scene, scene));
    this.scene = scene;
    this.lastPtsUs = frame.ptsUs;
    if (isCut || this.isSearchDue(frame)) await this.searchIn(frame, isCut, emit);
  }

  interrupt(emit: Emit): void {
    for (const line of this.lines) this.events.end(line, line.missedUs ?? this.lastPtsUs ?? 0, emit);
    this.lines = [];
    this.scene = null;
    this.lastSearchUs = null;
    this.isWorthSearching = false;
    this.tracker = null;
  }

  checkpoint(): JsonValue {
    return {
      lines: this.lines.map(lineToJson),
      scene: this.scene && { columns: this.scene.columns, luma: Buffer.from(this.scene.luma).toString('base64') },
      lastPtsUs: this.lastPtsUs,
      lastSearchUs: this.lastSearchUs,
      isWorthSearching: this.isWorthSearching,
      tracker: this.tracker?.state() ?? null,
    };
  }

  private isSearchDue(frame: Frame): boolean {
    const { searchEvery, restBetween } = this.parts.config;
    const sinceMs = this.lastSearchUs === null ? Infinity : (frame.ptsUs - this.lastSearchUs) / 1000;
    if (sinceMs < restBetween) return false;
    return (
      this.isWorthSearching ||
      sinceMs >= searchEvery ||
      this.lines.some((line) => line.missedUs === null && isOtherText(line.look, lookOfLine(frame, line.lookedAt)))
    );
  }

  private async searchIn(frame: Frame, isCut: boolean, emit: Emit): Promise<void> {
    const { config, search } = this.parts;
    const { ptsUs } = frame;
    this.lastSearchUs = ptsUs;
    this.isWorthSearching = false;
    const regions = (await search.find(frame)).slice(0, config.maxLines);
    const boxes = regions.map(({ rect }) => boxOf(rect, frame));
    this.tracker ??= this.trackerFrom(undefined, `text-${Math.round(ptsUs / 1000)}-`);
    const ids = this.tracker.update(
      ptsUs,
      regions.map(({ score }, i) => ({ label: 'text', score, box: boxes[i]! })),
    );
    const found: Found[] = regions.flatMap((region, i) => {
      const trackId = ids[i];
      return trackId === undefined ? [] : [{ trackId, region, box: boxes[i]! }];
    });
    await this.readWhatIsNew(frame, found, emit);
    this.dropWhatIsGone(new Set(found.map(({ trackId }) => trackId)), ptsUs, isCut, emit);
  }

  private async readWhatIsNew(frame: Frame, found: readonly Found[], emit: Emit): Promise<void> {
    const unread: (Found & { readonly known: Line | undefined })[] = [];
    for (const one of found) {
      const known = this.lines.find((line) => line.trackId === one.trackId);
      if (known === undefined || !isUnchanged(known, frame, one.region.rect)) {
        unread.push({ ...one, known });
        continue;
      }
      // What could not be read and stays as it is still cannot.
      if (known.isLegible) known.missedUs = null;
      [known.rect, known.box] = [one.region.rect, one.box];
    }
    const readings = await this.parts.reader.read(
      frame,
      unread.map(({ region }) => region.rect),
    );
    unread.forEach(({ known, trackId, region, box }, i) => {
      const place = placeOf(region.rect, box, frame);
      const line = known === undefined ? newLine(trackId, place) : Object.assign(known, place);
      if (known === undefined) this.lines.push(line);
      this.take(line, readings[i]!, frame, emit);
    });
  }

  private take(line: Line, reading: Reading, frame: Frame, emit: Emit): void {
    line.isLegible = reading.text !== '' && reading.score >= this.parts.config.minScore;
    line.missedUs = line.isLegible ? null : (line.missedUs ?? frame.ptsUs);
    if (line.isLegible) this.events.read(line, reading, frame.ptsUs, emit);
  }

  private dropWhatIsGone(seen: ReadonlySet<string>, ptsUs: PtsUs, isCut: boolean, emit: Emit): void {
    const patienceUs = isCut ? 0 : this.parts.config.maxGap * 1000;
    this.lines = this.lines.filter((line) => {
      const isSeen = seen.has(line.trackId);
      if (!isSeen) line.missedUs ??= ptsUs;
      if (line.missedUs === null || ptsUs - line.missedUs < patienceUs) return true;
      this.events.end(line, line.missedUs, emit);
      return isSeen;
    });
  }

  private trackerFrom(state: JsonValue | undefined, idPrefix?: string): Tracker {
    const { minBoxScore, maxGap, searchEvery } = this.parts.config;
    const spec = { startScore: minBoxScore, continueScore: minBoxScore, minIou: LEAST_IOU, maxGapMs: maxGap + 2 * searchEvery, minHits: 1 };
    return new Tracker(spec, { state, ...(idPrefix === undefined ? {} : { idPrefix }) });
  }
}

interface Found {
  readonly trackId: string;
  readonly region: TextRegion;
  readonly box: Box01;
}

function newLine(trackId: string, place: Place): Line {
  return {
    trackId,
    ...place,
    key: null,
    text: '',
    isLegible: false,
    score: 0,
    missedUs: null,
    watched: [],
  };
}

/** Where a line was read, and how it looked there. */
type Place = Pick<Line, 'rect' | 'box' | 'look' | 'lookedAt'>;
const placeOf = (rect: TurnedRect, box: Box01, frame: Frame): Place => ({
  rect,
  box,
  look: lookOfLine(frame, rect),
  lookedAt: rect,
});

/** Compared where it was read, since the search's boxes are never quite the same; and, where it has moved, where it is now. */
function isUnchanged({ look, lookedAt }: Line, frame: Frame, rect: TurnedRect): boolean {
  return !isOtherText(look, lookOfLine(frame, lookedAt)) || !isOtherText(look, lookOfLine(frame, { ...lookedAt, centre: rect.centre }));
}

function boxOf(rect: TurnedRect, { fit }: Frame): Box01 {
  const corners = cornersOf(rect);
  const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)];
  return Box.fromInputCornersPx(Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys), fit);
}

function sceneFromJson(saved: JsonValue): Look | null {
  const look = saved as { readonly columns: number; readonly luma: string } | null;
  return look && { columns: look.columns, luma: new Uint8Array(Buffer.from(look.luma, 'base64')) };
}
