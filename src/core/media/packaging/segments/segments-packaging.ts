import { basename, join } from 'node:path';
import { mediaError } from '../../../errors/media.errors.js';
import { doneWithin } from '../../../runtime/within.js';
import { CodedError, type Logger, type SegmentAnswer, type SegmentOffer } from '../../../plugin-api/index.js';
import { isFragmented, probeSegment, type SegmentFacts } from '../../../decode/segment/index.js';
import { checksumOf } from '../../checksum.js';
import { INITIALIZATION_NAME, segmentFileName, type SegmentContainer } from '../../segment-name.js';
import { MAX_SEGMENT_BYTES, type FoundSegment } from '../../watcher/segment-reader.js';
import type { PackagerExit, Packaging, SegmentsRequest } from '../packager.js';
import { readOffered, type OfferedFile } from './offered-file.js';
import { SegmentFit } from './segment-fit.js';
import { copyInto, linkInto, type SegmentPlace } from './segment-place.js';

const MAX_INITIALIZATION_BYTES = 1024 * 1024;
/** More in one row would make its hole in playlists as long; what is beyond it is in the log. */
const MAX_HOLE = 500;
/** A share of the network that hangs must not hold up the end of an epoch. */
const END_WAIT_MS = 3000;
const NO_BYTES = Buffer.alloc(0);

export interface SegmentsPackagingOptions extends SegmentsRequest {
  /** Absolute folder of the epoch. */
  readonly directory: string;
  readonly container: SegmentContainer;
  readonly isSynced: boolean;
  readonly logger: Logger;
}

/**
 * Takes segments that another program wrote into an epoch's folder, one after the other. Each is read once, by our own reader; what is
 * stored is what was read.
 */
export class SegmentsPackaging implements Packaging {
  readonly handsOver = false;
  readonly pid = undefined;
  readonly done: Promise<PackagerExit>;
  readonly flowing: Promise<void>;
  private readonly exit = Promise.withResolvers<PackagerExit>();
  private readonly flow = Promise.withResolvers<void>();
  private readonly fit = new SegmentFit();
  private underWay: Promise<unknown> = Promise.resolve();
  private ending: Promise<void> | undefined;
  /** Nobody hears any more of what is found. */
  private isOver = false;
  private nextSequence = 0;
  private initialization: Buffer | undefined;
  private originUs: number | undefined;

  constructor(private readonly options: SegmentsPackagingOptions) {
    this.done = this.exit.promise;
    this.flowing = this.flow.promise;
  }

  /** It takes whole segments only. */
  write(): boolean {
    return false;
  }

  put(): boolean {
    return false;
  }

  lost(): void {
    // Its writer counted no frames: what is missing shows in numbers and clocks.
  }

  drained(): Promise<void> {
    return Promise.resolve();
  }

  takeSegment(offer: SegmentOffer): Promise<SegmentAnswer> {
    const taking = this.underWay.then(() => this.takeNext(offer));
    this.underWay = taking.catch(() => undefined);
    return taking;
  }

  end(): Promise<void> {
    this.ending ??= this.endOnce();
    return this.ending;
  }

  private async endOnce(): Promise<void> {
    await doneWithin(END_WAIT_MS, this.underWay);
    this.isOver = true;
    this.exit.resolve({ reason: 'ended' });
  }

  private async takeNext(offer: SegmentOffer): Promise<SegmentAnswer> {
    if (this.ending !== undefined) return { kind: 'ended' };
    const reading = await readOffered(offer.path, MAX_SEGMENT_BYTES);
    if (reading.kind !== 'read') return reading;
    const { file } = reading;
    if (this.options.taken.has(file)) return { kind: 'known' };
    if ((this.options.container === 'fmp4') !== isFragmented(file.bytes)) return refused(file.name, this.options.container);
    const before = await this.initializationOf(offer);
    if (!Buffer.isBuffer(before)) return before;
    const missing = offer.missingBefore ?? 0;
    const facts = this.read(before, file);
    if (facts instanceof CodedError) {
      if (!offer.isComplete) return { kind: 'unfinished', why: `${facts.code}: ${facts.message}` };
    } else {
      const why = this.otherInitialization(before) ?? this.fit.judge(facts, missing);
      if (why !== undefined) return { kind: 'elsewhere', why };
    }
    return this.isOver ? { kind: 'ended' } : this.store(offer, { file, facts, before, missing });
  }

  /** What stands before every segment of the epoch; empty for MPEG-TS. */
  private async initializationOf({ initializationPath }: SegmentOffer): Promise<Buffer | SegmentAnswer> {
    if (this.options.container === 'mpegts') return NO_BYTES;
    if (initializationPath === undefined)
      return { kind: 'refused', error: mediaError('VD_MEDIA_SEGMENT_REFUSED', 'a segment of fMP4 without its initialization') };
    const reading = await readOffered(initializationPath, MAX_INITIALIZATION_BYTES);
    return reading.kind === 'read' ? reading.file.bytes : reading;
  }

  private otherInitialization(bytes: Buffer): 'format-changed' | undefined {
    return this.initialization === undefined || this.initialization.equals(bytes) ? undefined : 'format-changed';
  }

  private read(before: Buffer, { bytes, sizeBytes }: OfferedFile): SegmentFacts | CodedError {
    try {
      return { ...probeSegment(before.length === 0 ? bytes : Buffer.concat([before, bytes]), this.fit.nearUs), sizeBytes };
    } catch (error) {
      if (error instanceof CodedError) return error;
      throw error;
    }
  }

  private async store(offer: SegmentOffer, { file, facts, before, missing }: ReadSegment): Promise<SegmentAnswer> {
    const { directory, container, taken, found, logger, isSynced } = this.options;
    if (missing > MAX_HOLE) logger.warn('More segments are missing than are recorded in one place', { missing, recorded: MAX_HOLE });
    const sequence = this.nextSequence + Math.min(missing, MAX_HOLE);
    const name = segmentFileName(sequence, container);
    const place = { path: join(directory, name), draftPath: taken.draftPath, isSynced };
    if (container === 'fmp4' && this.initialization === undefined)
      await copyInto(before, { ...place, path: join(directory, INITIALIZATION_NAME) });
    const entry = {
      ...{ name: file.name, sizeBytes: file.sizeBytes, mtimeMs: file.mtimeMs, ...(offer.number !== undefined && { number: offer.number }) },
      place: `${basename(directory)}/${name}`,
      endsAtMs: this.endsAtMs(facts, offer.durationUs),
    };
    await taken.add(entry);
    try {
      if (!(await this.fill(offer, file, place))) {
        taken.takeBack(entry);
        return { kind: 'unfinished', why: 'it was replaced while it was read' };
      }
    } catch (error) {
      taken.takeBack(entry);
      throw error;
    }
    if (container === 'fmp4') this.initialization ??= before;
    this.nextSequence = sequence + 1;
    const isReadable = !(facts instanceof CodedError);
    if (isReadable) this.fit.add(facts);
    const reading = isReadable ? { facts, checksum: checksumOf(file.bytes) } : { unreadable: facts, sizeBytes: file.sizeBytes };
    found({ sequence, name, reading } satisfies FoundSegment, offer.durationUs);
    this.flow.resolve();
    return isReadable ? { kind: 'taken', endPtsUs: facts.ptsEndUs } : { kind: 'taken', endPtsUs: null, unreadable: facts };
  }

  /** @returns false when the path leads to another file by now */
  private async fill({ path, isWrittenOnce }: SegmentOffer, file: OfferedFile, place: SegmentPlace): Promise<boolean> {
    const how = isWrittenOnce ? await linkInto(path, file, place) : 'copy';
    if (how === 'copy') await copyInto(file.bytes, place);
    return how !== 'changed';
  }

  /** By the epoch's own clock; of one that cannot be read: where the one before ended. */
  private endsAtMs(facts: SegmentFacts | CodedError, durationUs = 0): number {
    const { taken, startedAtMs } = this.options;
    if (facts instanceof CodedError) return taken.endsAtMs ?? startedAtMs;
    this.originUs ??= facts.ptsStartUs;
    const endUs = Math.max(facts.ptsEndUs, facts.ptsStartUs + durationUs);
    return Math.ceil(startedAtMs + (endUs - this.originUs) / 1000);
  }
}

const CONTAINERS: Readonly<Record<SegmentContainer, string>> = { mpegts: 'MPEG-TS', fmp4: 'fMP4 behind an initialization of its own' };

/** A folder holds one container: players of an epoch are told so once. */
function refused(name: string, container: SegmentContainer): SegmentAnswer {
  const why = `${JSON.stringify(name)} is not ${CONTAINERS[container]}, as its playlist says or as files without one have to be`;
  return { kind: 'refused', error: mediaError('VD_MEDIA_SEGMENT_REFUSED', why) };
}

interface ReadSegment {
  readonly file: OfferedFile;
  readonly facts: SegmentFacts | CodedError;
  readonly before: Buffer;
  readonly missing: number;
}
