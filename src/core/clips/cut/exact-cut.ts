import { MpegTsMuxer } from '../../media/mux/mpeg-ts-muxer.js';
import { ticksToPtsUs } from '../../plugin-api/index.js';
import type { ExportFfmpeg } from '../export/export-ffmpeg.js';
import { ClipSound, type SoundFrame } from './clip-sound.js';
import type { EpochSource, Picture } from './epoch-source.js';
import type { FrameRange } from './frames-on-show.js';
import { GroupEncoder } from './group-encoder.js';
import { h264TrackOf, lengthPrefixed, parameterSetsOf, type H264Track } from './h264-track.js';
import { NotCuttable } from './not-cuttable.js';
import { PictureGroups } from './picture-groups.js';

/** Where the clip's clock begins in what is handed to ffmpeg, which counts from 0 again. */
const BASE_TICKS = 10 * 90_000;
/** A picture of which nothing else is known. */
const LONE_TICKS = 3_000;

interface Place {
  readonly folder: string;
  readonly signal: AbortSignal;
}

/**
 * A range of H.264 from one frame to another, as MPEG-TS: groups of pictures that lie in it as a whole are as they were recorded; of those
 * at its ends only the frames that are wanted are encoded anew, or, where nothing that is wanted refers to what is not, left out.
 */
export class ExactCut {
  /** Pictures that were encoded anew. */
  encodedPictures = 0;
  copiedPictures = 0;
  private readonly sound = new ClipSound();
  private readonly heard: SoundFrame[] = [];
  private hasSound = false;
  private muxer: MpegTsMuxer | undefined;
  private encoder: GroupEncoder | undefined;
  private track: H264Track | undefined;
  private lastDtsTicks = Number.NEGATIVE_INFINITY;
  private stepTicks = LONE_TICKS;

  constructor(
    private readonly source: EpochSource,
    private readonly range: FrameRange,
    private readonly ffmpeg: ExportFfmpeg,
    private readonly place: Place,
  ) {}

  /** @throws NotCuttable */
  async *bytes(): AsyncGenerator<Uint8Array> {
    const groups = new PictureGroups();
    for await (const units of this.source.units()) {
      if (units.video.codec !== 'h264') throw new NotCuttable(`its pictures are ${units.video.codec}`);
      this.hear(this.sound.frames(units));
      for (const picture of units.video.units) {
        const group = groups.push(picture);
        if (group !== undefined) yield await this.write(group);
      }
    }
    yield await this.write(groups.finish());
    yield this.end();
  }

  private hear(frames: readonly SoundFrame[]): void {
    if (frames.length > 0 && this.muxer !== undefined && !this.hasSound) throw new NotCuttable('its sound begins later than its pictures');
    this.heard.push(...frames.filter(({ ptsTicks }) => ptsTicks >= this.range.firstTicks));
  }

  private async write(group: readonly Picture[]): Promise<Uint8Array> {
    const { firstTicks, lastTicks } = this.range;
    const isWanted = ({ ptsTicks }: Picture): boolean => ptsTicks >= firstTicks && ptsTicks <= lastTicks;
    const until = group.findLastIndex(isWanted) + 1;
    if (until === 0) return Buffer.alloc(0);
    const used = group.slice(0, until);
    const wanted = used.filter(isWanted);
    this.learnStep(wanted);
    const isCopied = wanted.length === used.length;
    const { muxer, encoder } = this.start(used[0]!);
    if (isCopied) {
      // Whoever opens the clip is to know both kinds of parameter sets from the beginning.
      const before = this.isStarted ? [] : [...this.track!.parameterSets, ...(await this.encodedSets(encoder, used[0]!))];
      for (const [at, picture] of used.entries()) this.add(muxer, picture, picture.data, at === 0 ? before : []);
      this.copiedPictures += used.length;
    } else {
      const shown = wanted.toSorted((a, b) => a.ptsTicks - b.ptsTicks);
      const encoded = await encoder.encode(
        used,
        shown.map(({ ptsTicks }) => ptsTicks),
      );
      // Decoded as long before they are shown as what is copied, so that the order of decoding holds where they meet.
      const delayTicks = Math.max(0, used[0]!.ptsTicks - used[0]!.dtsTicks);
      const before = this.isStarted ? [] : this.track!.parameterSets;
      for (const [at, { ptsTicks }] of shown.entries()) {
        const dtsTicks = Math.min(ptsTicks, Math.max(ptsTicks - delayTicks, this.lastDtsTicks + 1));
        this.add(muxer, { ptsTicks, dtsTicks, keyframe: at === 0 }, encoded[at]!, at === 0 ? before : []);
      }
      this.encodedPictures += shown.length;
    }
    return Buffer.from(muxer.take());
  }

  /** Those of pictures that may have to be encoded at the end. */
  private async encodedSets(encoder: GroupEncoder, picture: Picture): Promise<Buffer[]> {
    return parameterSetsOf((await encoder.encode([picture], [picture.ptsTicks]))[0]!);
  }

  private get isStarted(): boolean {
    return Number.isFinite(this.lastDtsTicks);
  }

  private start(first: Picture): { muxer: MpegTsMuxer; encoder: GroupEncoder } {
    if (this.muxer === undefined || this.encoder === undefined) {
      const track = h264TrackOf(first.data);
      if (track === null) throw new NotCuttable('its pictures are H.264 of a kind that cannot be gone on from');
      this.track = track;
      this.encoder = new GroupEncoder(this.ffmpeg, track, this.place);
      this.hasSound = this.sound.track !== undefined;
      this.muxer = new MpegTsMuxer({ video: { codec: 'h264', configuration: track.configuration }, audio: this.sound.track });
      this.muxer.beginSegment();
    }
    return { muxer: this.muxer, encoder: this.encoder };
  }

  private add(
    muxer: MpegTsMuxer,
    { ptsTicks, dtsTicks, keyframe }: Pick<Picture, 'ptsTicks' | 'dtsTicks' | 'keyframe'>,
    annexB: Buffer,
    before: readonly Buffer[],
  ): void {
    if (dtsTicks <= this.lastDtsTicks) throw new NotCuttable('its pictures are not in order of decoding where they meet');
    this.lastDtsTicks = dtsTicks;
    this.addSound(muxer, dtsTicks);
    muxer.add({ track: 'video', keyframe, ptsUs: this.us(ptsTicks), dtsUs: this.us(dtsTicks), data: lengthPrefixed(annexB, before) });
  }

  /** What is heard before that time. */
  private addSound(muxer: MpegTsMuxer, untilTicks: number): void {
    while ((this.heard[0]?.ptsTicks ?? Number.POSITIVE_INFINITY) < untilTicks) {
      const { ptsTicks, data } = this.heard.shift()!;
      muxer.add({ track: 'audio', keyframe: true, ptsUs: this.us(ptsTicks), dtsUs: this.us(ptsTicks), data });
    }
  }

  private end(): Uint8Array {
    if (this.muxer === undefined) throw new NotCuttable('no group of pictures lies in the range');
    if (this.hasSound) this.addSound(this.muxer, this.range.lastTicks + this.stepTicks);
    return Buffer.from(this.muxer.take());
  }

  private learnStep(pictures: readonly Picture[]): void {
    const times = pictures.map(({ ptsTicks }) => ptsTicks).sort((a, b) => a - b);
    if (times.length > 1) this.stepTicks = Math.round((times.at(-1)! - times[0]!) / (times.length - 1));
  }

  private us(ticks: number): number {
    return ticksToPtsUs(ticks - this.range.firstTicks + BASE_TICKS);
  }
}
