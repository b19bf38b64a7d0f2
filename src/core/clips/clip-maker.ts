import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { clipError } from '../errors/clip.errors.js';
import type { SegmentFiles } from '../media/store/segment-files.js';
import type { ClipEpoch, ClipSegment } from '../persistence/clips/clip-media.js';
import type { Clip } from '../persistence/clips/clip-store.js';
import { ticksToPtsUs } from '../plugin-api/index.js';
import type { BoxScript } from './boxes/box-script.js';
import { timeAt, type ClipPart, type ClipResult, type Encoded } from './clip-result.js';
import { EpochSource } from './cut/epoch-source.js';
import { ExactCut } from './cut/exact-cut.js';
import { framesOnShow, type FrameRange } from './cut/frames-on-show.js';
import { NotCuttable } from './cut/not-cuttable.js';
import { encoded } from './export/encode-arguments.js';
import type { ExportFfmpeg } from './export/export-ffmpeg.js';
import { isAlike, movieFacts, type MovieFacts } from './export/movie-facts.js';
import { concatList, copied, joined, mp4Output, partInput, partName } from './export/mp4-arguments.js';

export interface ClipWork {
  readonly clip: Pick<Clip, 'id' | 'streamId' | 'mode'>;
  /** What there is of the range. */
  readonly epochs: readonly ClipEpoch[];
  /** Where it is made. */
  readonly folder: string;
  /** A file of it may be no larger. */
  readonly fileBytes: number;
  readonly signal: AbortSignal;
  /** @param share of the work that is done */
  readonly progressed: (share: number) => void;
}

export interface ClipTools {
  readonly files: Pick<SegmentFiles, 'obtain'>;
  readonly ffmpeg: ExportFfmpeg;
  readonly boxes: BoxScript;
  readonly write: (folder: string, name: string, text: string) => Promise<void>;
}

/** The finished clip, in its working folder. */
export const CLIP_NAME = 'clip.mp4';
const LIST_NAME = 'parts.ffconcat';
const BOXES_NAME = 'boxes.ass';

interface MadePart {
  readonly fromPtsUs: number;
  readonly toPtsUs: number;
  readonly encoded: Encoded;
  readonly encodedWhy?: string;
}

/** Makes one clip in a working folder: a part of each epoch, and one file of all parts. */
export class ClipMaker {
  private doneBytes = 0;
  /** By their paths: each is read more than once. */
  private readonly lost = new Map<string, { readonly epoch: ClipEpoch; readonly segment: ClipSegment }>();
  private readonly totalBytes: number;

  constructor(
    private readonly work: ClipWork,
    private readonly tools: ClipTools,
  ) {
    this.totalBytes = work.epochs.flatMap(({ segments }) => segments).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  /** @throws VD_CLIP_*, VD_MEDIA_*; the signal's reason */
  async make(): Promise<ClipResult> {
    const epochs = this.work.epochs.filter(({ segments }) => segments.length > 0);
    if (epochs.length === 0) throw clipError('VD_CLIP_NOTHING_THERE', 'No segment of the range can be read.');
    const parts: ClipPart[] = [];
    let before: { readonly facts: MovieFacts; readonly epoch: ClipEpoch } | undefined;
    for (const [index, epoch] of epochs.entries()) {
      const made = await this.part(epoch, partName(index));
      const facts = await movieFacts(join(this.work.folder, partName(index)));
      if (before !== undefined) this.requireAlike(before, { facts, epoch });
      before = { facts, epoch };
      const last = parts.at(-1);
      parts.push({
        ...{ epochId: epoch.epochId, ...made, from: timeAt(epoch, made.fromPtsUs), to: timeAt(epoch, made.toPtsUs) },
        ...{ atMs: last === undefined ? 0 : last.atMs + last.durationMs, durationMs: facts.durationMs },
      });
    }
    await this.join(epochs.length);
    return { parts, missing: [...missingOf(this.work.epochs), ...this.lostOnTheWay()] };
  }

  private async part(epoch: ClipEpoch, name: string): Promise<MadePart> {
    const { mode } = this.work.clip;
    if (mode === 'copy') return this.copy(epoch, name);
    const range = await framesOnShow(this.source(epoch));
    if (mode === 'burned') return this.encode(epoch, range, name, await this.drawn(epoch, range));
    try {
      return await this.cut(epoch, range, name);
    } catch (error) {
      if (!(error instanceof NotCuttable)) throw error;
      return { ...(await this.encode(epoch, range, name)), encodedWhy: error.message };
    }
  }

  private async copy(epoch: ClipEpoch, name: string): Promise<MadePart> {
    const source = this.source(epoch, true);
    await this.run([...partInput(source), ...copied(epoch.video?.codec ?? null), ...mp4Output(name)], source.bytes());
    const { segments } = epoch;
    return { fromPtsUs: segments[0]!.ptsStartUs, toPtsUs: segments.at(-1)!.ptsEndUs, encoded: 'nothing' };
  }

  private async cut(epoch: ClipEpoch, range: FrameRange, name: string): Promise<MadePart> {
    const before = this.doneBytes;
    const { ffmpeg } = this.tools;
    const cut = new ExactCut(this.source(epoch, true), range, ffmpeg, this.work);
    try {
      await this.run([...partInput({ isFragmented: false }), ...copied('h264'), ...mp4Output(name)], cut.bytes());
    } catch (error) {
      this.doneBytes = before;
      throw error;
    }
    return { ...ptsOf(range), encoded: cut.encodedPictures === 0 ? 'nothing' : cut.copiedPictures === 0 ? 'all' : 'ends' };
  }

  private async encode(epoch: ClipEpoch, range: FrameRange, name: string, boxes?: string): Promise<MadePart> {
    const source = this.source(epoch, true);
    const input = partInput({ isFragmented: source.isFragmented, isByMediaClock: true });
    await this.run([...input, ...encoded(range, boxes), ...mp4Output(name)], source.bytes());
    return { ...ptsOf(range), encoded: 'all' };
  }

  private async drawn(epoch: ClipEpoch, range: FrameRange): Promise<string> {
    const { streamId } = this.work.clip;
    const script = await this.tools.boxes.of({ streamId, epoch, range }, this.source(epoch));
    await this.tools.write(this.work.folder, BOXES_NAME, script);
    return BOXES_NAME;
  }

  /** What the ledger believed to be there. */
  private lostOnTheWay(): ClipResult['missing'] {
    return missingOf(
      [...this.lost.values()].map(({ epoch, segment: { ptsStartUs, ptsEndUs } }) => ({
        ...epoch,
        missing: [{ fromPtsUs: ptsStartUs, toPtsUs: ptsEndUs, reason: 'lost' as const }],
      })),
    );
  }

  private async join(count: number): Promise<void> {
    const { folder } = this.work;
    const names = Array.from({ length: count }, (_, index) => partName(index));
    if (count === 1) return rename(join(folder, names[0]!), join(folder, CLIP_NAME));
    await this.tools.write(folder, LIST_NAME, concatList(names));
    await this.run([...joined(LIST_NAME), ...mp4Output(CLIP_NAME)]);
  }

  private async run(args: readonly string[], source?: AsyncIterable<Uint8Array>): Promise<void> {
    const { folder, fileBytes, signal } = this.work;
    await this.tools.ffmpeg.run({ args, folder, source, fileBytes, signal });
  }

  private source(epoch: ClipEpoch, isCounted = false): EpochSource {
    const { signal, progressed } = this.work;
    const hasRead = (bytes: number): void => {
      if (!isCounted) return;
      this.doneBytes += bytes;
      progressed(Math.min(0.99, this.doneBytes / Math.max(1, this.totalBytes)));
    };
    return new EpochSource(epoch, this.tools.files, signal, hasRead, (segment) => this.lost.set(segment.path, { epoch, segment }));
  }

  /** What is encoded by us is alike if its size is; what was recorded must say the same of itself. */
  private requireAlike(
    before: { readonly facts: MovieFacts; readonly epoch: ClipEpoch },
    next: { readonly facts: MovieFacts; readonly epoch: ClipEpoch },
  ): void {
    const sizeOf = ({ video }: ClipEpoch): string => (video === null ? 'no pictures' : `${video.widthPx}x${video.heightPx}`);
    const isSameSize = sizeOf(before.epoch) === sizeOf(next.epoch);
    if (isSameSize && (this.work.clip.mode === 'burned' || isAlike(before.facts, next.facts))) return;
    const at = timeAt(next.epoch, next.epoch.segments[0]!.ptsStartUs);
    const formats = [before, next].map(({ epoch }) => `${epoch.video?.codec ?? 'none'} ${sizeOf(epoch)}`);
    throw clipError('VD_CLIP_EPOCHS_DIFFER', `At ${at} (epoch ${next.epoch.epochId}) the format changes: ${formats.join(', then ')}.`);
  }
}

const ptsOf = ({ firstTicks, lastTicks }: FrameRange): { fromPtsUs: number; toPtsUs: number } => ({
  fromPtsUs: ticksToPtsUs(firstTicks),
  toPtsUs: ticksToPtsUs(lastTicks),
});

const missingOf = (epochs: readonly ClipEpoch[]): ClipResult['missing'] =>
  epochs.flatMap((epoch) =>
    epoch.missing.map((missing) => ({
      ...missing,
      ...{ epochId: epoch.epochId, from: timeAt(epoch, missing.fromPtsUs), to: timeAt(epoch, missing.toPtsUs) },
    })),
  );
