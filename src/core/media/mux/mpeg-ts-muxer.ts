import { videoFormatOf, type NalCodec } from '../../decode/codec/index.js';
import { mediaError } from '../../errors/media.errors.js';
import { ptsUsToTicks, type EncodedFrame, type PushedAudioTrack, type PushedVideoTrack } from '../../plugin-api/index.js';
import type { MuxedTracks, SegmentMuxer } from '../packaging/segment-muxer.js';
import { NalFrame } from './nal-frame.js';
import { PesHeader, wrapped } from './pes-header.js';
import { ROUNDING_TICKS, soundClock, type SoundClock } from './sound-clock.js';
import { soundFraming, type SoundFraming } from './sound-framing.js';
import { TransportPackets } from './transport-packets.js';
import { PAT_PID, PMT_PID, programAssociation, programMap } from './transport-tables.js';

const [VIDEO_PID, AUDIO_PID] = [0x100, 0x101];
const [VIDEO_STREAM_ID, AUDIO_STREAM_ID] = [0xe0, 0xc0];
const STREAM_TYPES: Readonly<Record<NalCodec, number>> = { h264: 0x1b, hevc: 0x24 };
/** Before each picture: a delimiter that announces slices of any kind. */
const DELIMITERS: Readonly<Record<NalCodec, Buffer>> = {
  h264: Buffer.from([0, 0, 0, 1, 0x09, 0xf0]),
  hevc: Buffer.from([0, 0, 0, 1, 0x46, 0x01, 0x50]),
};
const START_CODE = Buffer.from([0, 0, 1]);
const LONG_START_CODE = Buffer.from([0, 0, 0, 1]);
/** Frames of sound share a packet for this long: the clock that sound alone carries may not be older than 100 ms. */
const SHARED_TICKS = 90 * 90;
/** A packet of sound says how long it is. */
const SHARED_BYTES = 60_000;

interface Sound {
  readonly framing: SoundFraming;
  readonly clock: SoundClock;
  /** What stands before a frame, written anew for each. */
  readonly head: Buffer;
}

interface PendingSound {
  readonly ptsTicks: number;
  readonly frames: Buffer[];
  sizeBytes: number;
  /** Where the next frame is expected. */
  endTicks: number;
}

interface Picture {
  readonly codec: NalCodec;
  readonly frame: NalFrame;
  /** In Annex B form. */
  readonly parameterSets: Buffer;
}

/**
 * Writes MPEG-TS of H.264 or HEVC with AAC or MP3. Each segment has its tables, each picture that a decoder can start at the parameter
 * sets, so that every segment can be decoded alone. Frames of sound that follow each other within what stamps in milliseconds are
 * rounded by share a packet; their time is then counted on from its first frame's.
 */
export class MpegTsMuxer implements SegmentMuxer {
  readonly container = 'mpegts';
  readonly initialization = undefined;
  private readonly packets = new TransportPackets();
  private readonly header = new PesHeader();
  private readonly association = programAssociation();
  private readonly map: Buffer;
  private readonly picture: Picture | undefined;
  private readonly sound: Sound | undefined;
  private pending: PendingSound | undefined;

  /** @throws VD_MEDIA_CODEC_CONFIG_INVALID, VD_MEDIA_CONTAINER_UNSUITABLE */
  constructor({ video, audio }: MuxedTracks) {
    this.picture = video && pictureOf(video);
    this.sound = audio && soundOf(audio);
    const streams = [
      ...(this.picture === undefined ? [] : [{ streamType: STREAM_TYPES[this.picture.codec], pid: VIDEO_PID }]),
      ...(this.sound === undefined ? [] : [{ streamType: this.sound.framing.streamType, pid: AUDIO_PID }]),
    ];
    this.map = programMap(this.picture === undefined ? AUDIO_PID : VIDEO_PID, streams);
  }

  beginSegment(): void {
    this.packets.putTable(PAT_PID, this.association);
    this.packets.putTable(PMT_PID, this.map);
  }

  add(frame: EncodedFrame): void {
    if (frame.track === 'video') this.addPicture(frame);
    else this.addSound(frame);
  }

  take(): Uint8Array {
    this.writeSound();
    return this.packets.take();
  }

  private addPicture({ data, dtsUs, ptsUs, keyframe }: EncodedFrame): void {
    if (this.picture === undefined) throw mediaError('VD_MEDIA_FRAME_DAMAGED', 'a picture came where no video was announced');
    const { codec, frame, parameterSets } = this.picture;
    frame.read(data);
    const isEntry = keyframe || frame.isEntry;
    const withSets = isEntry && !frame.hasParameterSets;
    const delimiter = DELIMITERS[codec];
    const dataBytes = delimiter.length + (withSets ? parameterSets.length : 0) + frame.unitCount * START_CODE.length + frame.unitBytes;
    const { header, packets } = this;
    const [ptsTicks, dtsTicks] = [wrapped(ptsUsToTicks(ptsUs)), wrapped(ptsUsToTicks(dtsUs))];
    header.write(VIDEO_STREAM_ID, ptsTicks, dtsTicks, dataBytes);
    packets.begin({ pid: VIDEO_PID, sizeBytes: header.sizeBytes + dataBytes, isEntry, clockTicks: dtsTicks });
    packets.put(header.bytes, 0, header.sizeBytes);
    packets.put(delimiter, 0, delimiter.length);
    if (withSets) packets.put(parameterSets, 0, parameterSets.length);
    for (let at = 0; at < frame.data.length;) {
      const from = at + frame.lengthBytes;
      at = frame.unitEnd(at);
      if (!frame.isKept(from, at)) continue;
      packets.put(START_CODE, 0, START_CODE.length);
      packets.put(frame.data, from, at);
    }
  }

  private addSound({ data, ptsUs }: EncodedFrame): void {
    if (this.sound === undefined) throw mediaError('VD_MEDIA_FRAME_DAMAGED', 'sound came where none was announced');
    const { clock, framing } = this.sound;
    const durationTicks = clock(data);
    if (data.length > framing.maxFrameBytes) throw mediaError('VD_MEDIA_FRAME_DAMAGED', `a frame of sound has ${data.length} bytes`);
    const ptsTicks = ptsUsToTicks(ptsUs);
    const sizeBytes = framing.headBytes + data.length;
    if (!this.goesOn(ptsTicks, sizeBytes)) this.writeSound();
    this.pending ??= { ptsTicks, frames: [], sizeBytes: 0, endTicks: ptsTicks };
    this.pending.frames.push(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
    this.pending.sizeBytes += sizeBytes;
    this.pending.endTicks += durationTicks;
  }

  private goesOn(ptsTicks: number, sizeBytes: number): boolean {
    const { pending } = this;
    return (
      pending !== undefined &&
      pending.endTicks - pending.ptsTicks < SHARED_TICKS &&
      pending.sizeBytes + sizeBytes <= SHARED_BYTES &&
      Math.abs(ptsTicks - pending.endTicks) <= ROUNDING_TICKS
    );
  }

  private writeSound(): void {
    const { header, packets, pending, sound } = this;
    if (pending === undefined || sound === undefined) return;
    this.pending = undefined;
    const ticks = wrapped(pending.ptsTicks);
    header.write(AUDIO_STREAM_ID, ticks, ticks, pending.sizeBytes);
    packets.begin({
      pid: AUDIO_PID,
      sizeBytes: header.sizeBytes + pending.sizeBytes,
      isEntry: this.picture === undefined,
      clockTicks: this.picture === undefined ? ticks : undefined,
    });
    packets.put(header.bytes, 0, header.sizeBytes);
    for (const frame of pending.frames) {
      sound.framing.writeHead(sound.head, frame.length);
      packets.put(sound.head, 0, sound.head.length);
      packets.put(frame, 0, frame.length);
    }
  }
}

function soundOf(track: PushedAudioTrack): Sound {
  const framing = soundFraming(track);
  return { framing, clock: soundClock(track), head: Buffer.alloc(framing.headBytes) };
}

function pictureOf(track: PushedVideoTrack): Picture {
  const { codec } = track;
  if (codec !== 'h264' && codec !== 'hevc') throw mediaError('VD_MEDIA_CONTAINER_UNSUITABLE', `MPEG-TS carries no ${codec}`);
  const { lengthBytes, parameterSets } = videoFormatOf(track).nal!;
  return {
    codec,
    frame: new NalFrame(codec, lengthBytes),
    parameterSets: Buffer.concat(parameterSets.flatMap((set) => [LONG_START_CODE, set])),
  };
}
