import type { SegmentFacts } from '../../decode/segment/index.js';
import type { EpochGap, EpochMedia, ProbedSegment } from '../../persistence/ledger/ingest-ledger.js';
import type { PtsUs } from '../../plugin-api/index.js';
import type { SegmentFile } from '../epoch-folder.js';
import { endOf, frameUsOf, type LastReady } from './segment-end.js';
import { readSegment, type FoundSegment } from './segment-reader.js';
import { describeSegment, gapBefore, mediaOf } from './segment-rows.js';

/** Where the watcher stands. */
export interface WatcherPlace {
  /** Sequences below were looked at. */
  readonly next: number;
  readonly last: LastReady | undefined;
}

/** What the ledger is to be told, and where the watcher stands after it. */
export interface SegmentBatch extends WatcherPlace {
  readonly segments: readonly ProbedSegment[];
  readonly gaps: readonly EpochGap[];
  /** Of the first that can be read. */
  readonly media: EpochMedia | undefined;
  /** The segment before the batch was registered when its end could only be reckoned: this is where it ends. */
  readonly moved: { readonly sequence: number; readonly ptsEndUs: PtsUs } | undefined;
}

/** @param nearUs a time of the epoch close by */
export async function readBatch(directory: string, files: readonly SegmentFile[], nearUs: PtsUs | undefined): Promise<FoundSegment[]> {
  const found: FoundSegment[] = [];
  let near = nearUs;
  for (const { sequence, name } of files) {
    const reading = await readSegment(directory, name, near);
    if (reading === null) continue;
    if ('facts' in reading) near = reading.facts.ptsEndUs;
    found.push({ sequence, name, reading });
  }
  return found;
}

/** @param durationUs by sequence, as the packager's playlist says */
export function describeBatch(batch: {
  readonly epochId: string;
  readonly folder: string;
  readonly found: readonly FoundSegment[];
  readonly before: WatcherPlace;
  readonly durationUs: ReadonlyMap<number, number>;
}): SegmentBatch {
  const { epochId, folder, found, before, durationUs } = batch;
  const segments: ProbedSegment[] = [];
  const gaps: EpochGap[] = [];
  let { next, last } = before;
  let moved: SegmentBatch['moved'];
  for (const [i, here] of found.entries()) {
    const { sequence, reading } = here;
    const endUs = 'facts' in reading ? endOf(reading.facts, last, nextStartUs(found, i, durationUs)) : (last?.ptsEndUs ?? 0);
    const segment = describeSegment(folder, here, endUs);
    const gap = gapBefore(epochId, segment, next, last);
    if (gap !== null) gaps.push(gap);
    else if (i === 0) moved = movedEnd(segment, last);
    segments.push(segment);
    if ('facts' in reading && sequence >= next) last = lastReady(segment, reading.facts, last);
    next = Math.max(next, sequence + 1);
  }
  const facts = found.flatMap(({ reading }) => ('facts' in reading ? [reading.facts] : []))[0];
  return { segments, gaps, media: facts && mediaOf(facts), moved, next, last };
}

/** By the next segment itself, else by the length that the packager gives to this one. */
function nextStartUs(found: readonly FoundSegment[], i: number, durationUs: ReadonlyMap<number, number>): PtsUs | undefined {
  const [here, next] = [found[i]!, found[i + 1]];
  if (next?.sequence === here.sequence + 1 && 'facts' in next.reading) return next.reading.facts.ptsStartUs;
  const listedUs = durationUs.get(here.sequence);
  // It cuts at what comes first in a file, which in an open GOP is not shown first: the next GOP is taken to be as open as this one.
  return listedUs === undefined || !('facts' in here.reading) ? undefined : here.reading.facts.ptsStartUs + listedUs;
}

function movedEnd({ state, sequence, ptsStartUs }: ProbedSegment, last: LastReady | undefined): SegmentBatch['moved'] {
  if (state !== 'ready' || last?.lastPtsUs === undefined || last.sequence !== sequence - 1) return undefined;
  return ptsStartUs <= last.lastPtsUs || ptsStartUs === last.ptsEndUs ? undefined : { sequence: last.sequence, ptsEndUs: ptsStartUs };
}

function lastReady({ sequence, ptsEndUs, error }: ProbedSegment, facts: SegmentFacts, before: LastReady | undefined): LastReady {
  const frameUs = frameUsOf(facts, before);
  return {
    ...{ sequence, ptsEndUs, sound: error === undefined },
    ...(facts.frameCount === 0 ? {} : { lastPtsUs: facts.lastPtsUs }),
    frameUs,
  };
}
