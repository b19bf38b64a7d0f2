import { Dictionary, FormatContext, InputFormat, Log, Packet, type Stream } from 'node-av/lib';
import {
  AV_LOG_WARNING,
  AV_NOPTS_VALUE,
  AV_PKT_DATA_NEW_EXTRADATA,
  AVERROR_EAGAIN,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_VIDEO,
} from 'node-av/constants';
import type { MediaFailure, MediaRequest, PushedTrackKind } from '../../plugin-api/index.js';
import { DecodeOrder } from './decode-order.js';
import type { TimedBytes } from './copied-track.js';
import { failureOf } from './media-failure.js';
import { TickClock } from './tick-clock.js';

/** How much is looked at before it is said what the media is made of. */
const LOOK_US = 5_000_000n;
const LOOK_BYTES = 8_000_000n;
const STANDARD_INPUT = 'pipe:0';

export type InputOrder = Pick<MediaRequest, 'format' | 'url' | 'protocols' | 'options' | 'stamps'>;

/** Why it could not be opened. */
export class InputRefused extends Error {
  constructor(readonly failure: MediaFailure) {
    super(failure.detail);
  }
}

/** Between frames of a source that does not say it. */
const DEFAULT_FRAME_US = 40_000;
/** A source that stamps none of so many frames never will. */
const MAX_UNSTAMPED = 250;

interface ReadTrack {
  readonly kind: PushedTrackKind;
  readonly clock: TickClock;
  readonly order: DecodeOrder;
  readonly frameUs: number;
  /** How many frames are shown before one that was decoded before them. */
  readonly delayFrames: number;
  /** Frames until it is known what time the first ones have; undefined from then on. */
  beginning: Beginning | undefined;
}

interface Beginning {
  readonly untimed: Untimed[];
  readonly timed: Timed[];
}

/** A frame, with the times that the source says of it. */
type Timed = { readonly frame: Untimed; readonly dtsUs: number | undefined; readonly ptsUs: number | undefined };
type Untimed = Omit<InputFrame, 'dtsUs' | 'ptsUs'>;

/** A frame of one of the tracks that are read, or a word of its decoder's. */
export type InputFrame = TimedBytes & { readonly track: PushedTrackKind; readonly extradata?: Buffer };

/** One source, opened by libav with a format that is not guessed and protocols that are listed. */
export class MediaInput {
  private readonly packet = new Packet();
  private readonly tracks = new Map<number, ReadTrack>();
  /** Read, and not given yet. */
  private readonly ready: InputFrame[] = [];

  private constructor(
    private readonly context: FormatContext,
    readonly video: Stream | undefined,
    readonly audio: Stream | undefined,
    /** How long it was looked at before anything is given. */
    readonly lookedMs: number,
    private readonly isStampedOnArrival: boolean,
  ) {
    this.packet.alloc();
    if (video !== undefined) this.addTrack('video', video);
    if (audio !== undefined) this.addTrack('audio', audio);
  }

  /** @throws InputRefused */
  static async open({ format, url, protocols, options, stamps }: InputOrder, notice: (text: string) => void): Promise<MediaInput> {
    listenToLibav(notice);
    const context = new FormatContext();
    context.allocContext();
    context.maxAnalyzeDuration = LOOK_US;
    context.probesize = LOOK_BYTES;
    const inputFormat = InputFormat.findInputFormat(format);
    if (inputFormat === null) throw new InputRefused({ kind: 'invalid', detail: `libav knows no format ${format}` });
    const dictionary = Dictionary.fromObject({ ...options, protocol_whitelist: protocols.join(',') || 'none' });
    const asked = url ?? STANDARD_INPUT;
    accept(await context.openInput(asked, inputFormat, dictionary), url === undefined);
    if (context.url !== null && addressOf(context.url) !== addressOf(asked)) {
      await context.closeInput();
      throw new InputRefused({ kind: 'redirected', detail: 'it led to another address' });
    }
    const openedAtMs = performance.now();
    accept(await context.findStreamInfo(null), url === undefined);
    const lookedMs = Math.round(performance.now() - openedAtMs);
    const best = (type: typeof AVMEDIA_TYPE_VIDEO | typeof AVMEDIA_TYPE_AUDIO): Stream | undefined => {
      const index = context.findBestStream(type);
      return index < 0 ? undefined : context.streams[index];
    };
    return new MediaInput(context, best(AVMEDIA_TYPE_VIDEO), best(AVMEDIA_TYPE_AUDIO), lookedMs, stamps === 'arrival');
  }

  /** @returns the next frame; why none comes any more; undefined for what belongs to no track that is read */
  async next(): Promise<InputFrame | MediaFailure | undefined> {
    const waiting = this.ready.shift();
    if (waiting !== undefined) return waiting;
    const { packet } = this;
    const status = await this.context.readFrame(packet);
    if (status === AVERROR_EAGAIN) return undefined;
    if (status < 0) return this.settle() ?? endOf(status);
    try {
      this.take();
    } finally {
      packet.unref();
    }
    return this.ready.shift();
  }

  /** With a word to the source, where its protocol has one. */
  close(): Promise<void> {
    return this.context.closeInput();
  }

  private addTrack(kind: PushedTrackKind, { index, timeBase, ptsWrapBits, codecpar, avgFrameRate }: Stream): void {
    const { num, den } = timeBase;
    const frameUs = kind === 'video' && avgFrameRate.num > 0 ? (1e6 * avgFrameRate.den) / avgFrameRate.num : DEFAULT_FRAME_US;
    const delayFrames = kind === 'video' ? codecpar.videoDelay : 0;
    this.tracks.set(index, {
      ...{ kind, frameUs, delayFrames },
      clock: new TickClock({ num, den }, ptsWrapBits),
      order: new DecodeOrder(delayFrames, frameUs),
      beginning: this.isStampedOnArrival ? undefined : { untimed: [], timed: [] },
    });
  }

  /** Reads what the packet holds. */
  private take(): void {
    const { streamIndex, data, dts, pts, isKeyframe } = this.packet;
    const track = this.tracks.get(streamIndex);
    if (track === undefined || data === null || data.length === 0) return;
    const extradata = this.packet.getSideData(AV_PKT_DATA_NEW_EXTRADATA);
    const frame: Untimed = {
      track: track.kind,
      keyframe: track.kind === 'audio' || isKeyframe,
      data: Buffer.from(data),
      ...(extradata !== null && { extradata: Buffer.from(extradata) }),
    };
    const us = (ticks: bigint): number | undefined => (ticks === AV_NOPTS_VALUE ? undefined : track.clock.us(ticks));
    const arrivedUs = this.isStampedOnArrival ? Math.round(performance.now() * 1000) : undefined;
    const timed: Timed = { frame, dtsUs: arrivedUs ?? us(dts), ptsUs: arrivedUs ?? us(pts) };
    if (track.beginning === undefined) this.give(track, timed);
    else this.begin(track, track.beginning, timed);
  }

  /** RTSP says no time of its first frames: they are shown before those that have one, each by the length of a frame. */
  private begin(track: ReadTrack, { untimed, timed }: Beginning, next: Timed): void {
    const isTimed = next.dtsUs !== undefined || next.ptsUs !== undefined;
    if (isTimed || timed.length > 0) timed.push(next);
    else untimed.push(next.frame);
    // Without any to wait for, its first time says it all; else the first ones in the order of decoding may be shown late.
    if (timed.length > (untimed.length === 0 ? 0 : track.delayFrames) || untimed.length >= MAX_UNSTAMPED) this.begun(track);
  }

  private begun(track: ReadTrack): void {
    const { untimed = [], timed = [] } = track.beginning ?? {};
    track.beginning = undefined;
    const firstUs = Math.min(...timed.map(({ dtsUs, ptsUs }) => ptsUs ?? dtsUs ?? Number.POSITIVE_INFINITY), Number.MAX_SAFE_INTEGER);
    const beginsUs = timed.length === 0 ? untimed.length * track.frameUs : firstUs;
    untimed.forEach((frame, index) => {
      this.give(track, { frame, dtsUs: undefined, ptsUs: Math.round(beginsUs - (untimed.length - index) * track.frameUs) });
    });
    for (const one of timed) this.give(track, one);
  }

  private give({ order }: ReadTrack, { frame, dtsUs, ptsUs }: Timed): void {
    this.ready.push({ ...frame, ...order.place(dtsUs, ptsUs) });
  }

  /** At the end: frames that no time has come for. */
  private settle(): InputFrame | undefined {
    for (const track of this.tracks.values()) if (track.beginning !== undefined) this.begun(track);
    return this.ready.shift();
  }
}

/** What had begun and cannot be read on has ended, or stands still, whatever its protocol calls that. */
function endOf(status: number): MediaFailure {
  const { kind, detail } = failureOf(status);
  const ends = kind === 'rejected' || kind === 'invalid';
  return { kind: ends ? 'ended' : kind === 'timeout' ? 'stalled' : kind, detail };
}

/** What it says holds addresses, and goes nowhere: only that packets were missed is taken from it. */
function listenToLibav(notice: (text: string) => void): void {
  let hasMissed = false;
  Log.setLevel(AV_LOG_WARNING);
  Log.setCallback((_level, message) => {
    if (hasMissed || !/^RTP: missed \d+ packets/.test(message)) return;
    hasMissed = true;
    notice('Packets are lost on the way here, and pictures are damaged by it: `transport: tcp` loses none');
  });
}

/** @param isFed its bytes are given to it: that they end says nothing of the source's connection */
function accept(status: number, isFed: boolean): void {
  if (status >= 0) return;
  const { kind, detail } = failureOf(status);
  throw new InputRefused({ kind: isFed && kind === 'ended' ? 'no-media' : kind, detail });
}

/** Scheme, host and port; libav leaves the rest of an address as it was given. */
const addressOf = (url: string): string => /^([a-z]+):\/\/(?:[^/@]*@)?([^/?]*)/i.exec(url)?.slice(1, 3).join('://').toLowerCase() ?? url;
