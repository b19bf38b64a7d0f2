import { once } from 'node:events';
import type { PushedAudioTrack, PushedTrackKind, PushedVideoTrack } from 'vedette/plugin';
import { amf0, RtmpClient } from './rtmp-client.js';

/** What a publisher sends next. */
export type Step =
  | { readonly kind: 'metadata'; readonly data: Readonly<Record<string, number>> }
  | { readonly kind: 'video-header'; readonly track: PushedVideoTrack }
  | { readonly kind: 'audio-header'; readonly track: PushedAudioTrack }
  | FrameStep
  /** A message of its own making, which the publisher counts as so many frames. */
  | {
      readonly kind: 'raw';
      readonly track: PushedTrackKind;
      readonly timestampMs: number;
      readonly payload: Buffer;
      readonly frames: number;
    };

export interface FrameStep {
  readonly kind: 'frame';
  readonly track: PushedTrackKind;
  readonly codec: PushedVideoTrack['codec'] | PushedAudioTrack['codec'];
  readonly timestampMs: number;
  readonly compositionMs: number;
  readonly keyframe: boolean;
  readonly data: Buffer;
}

const FOURCC = { h264: 'avc1', hevc: 'hvc1', av1: 'av01', vp9: 'vp09', aac: 'mp4a', opus: 'Opus', mp3: '.mp3' } as const;
const isPlain = (codec: string): codec is 'h264' | 'aac' | 'mp3' => codec === 'h264' || codec === 'aac' || codec === 'mp3';

function offsetBytes(compositionMs: number): Buffer {
  const bytes = Buffer.alloc(3);
  bytes.writeIntBE(compositionMs, 0, 3);
  return bytes;
}

function headerPayload({ codec, configuration }: PushedVideoTrack | PushedAudioTrack, isEnhanced: boolean): Buffer {
  if (!isEnhanced && codec === 'h264') return Buffer.concat([Buffer.from([0x17, 0, 0, 0, 0]), configuration]);
  if (!isEnhanced && codec === 'aac') return Buffer.concat([Buffer.from([0xaf, 0]), configuration]);
  return Buffer.concat([Buffer.from([0x90]), Buffer.from(FOURCC[codec]), configuration]);
}

function framePayload({ codec, keyframe, compositionMs, data }: FrameStep, isEnhanced: boolean): Buffer {
  const frameType = keyframe ? 1 : 2;
  switch (codec) {
    case 'h264':
    case 'hevc': {
      const head = isEnhanced ? Buffer.concat([Buffer.from([0x80 | (frameType << 4) | 1]), Buffer.from(FOURCC[codec])]) : undefined;
      return Buffer.concat([head ?? Buffer.from([(frameType << 4) | 7, 1]), offsetBytes(compositionMs), data]);
    }
    case 'av1':
    case 'vp9':
      return Buffer.concat([Buffer.from([0x80 | (frameType << 4) | 1]), Buffer.from(FOURCC[codec]), data]);
    default:
      if (isEnhanced) return Buffer.concat([Buffer.from([0x91]), Buffer.from(FOURCC[codec]), data]);
      return Buffer.concat([Buffer.from(codec === 'aac' ? [0xaf, 1] : [0x2f]), data]);
  }
}

/**
 * Publishes what it is told to, as plain RTMP where that has the codec, else as enhanced RTMP, and keeps its own count of frames: what an
 * operator would hold the recording against.
 */
export class CountingPublisher {
  readonly sent = { video: 0, audio: 0 };

  private pings = 0;

  private constructor(
    private readonly client: RtmpClient,
    private readonly isEnhanced: boolean,
  ) {}

  static async open(port: number, key: string, { isEnhanced = false } = {}): Promise<CountingPublisher> {
    const client = await RtmpClient.open(port);
    await client.publish('live', key);
    return new CountingPublisher(client, isEnhanced);
  }

  /** Sends as fast as it is read. Stops where the server closes the connection: what was not written was not sent. */
  async send(steps: readonly Step[]): Promise<void> {
    const { socket } = this.client;
    for (const step of steps) {
      if (socket.destroyed || socket.readableEnded) return;
      this.sendStep(step);
      if (socket.writableNeedDrain) await Promise.race([once(socket, 'drain'), this.client.closed]);
    }
  }

  /** Waits until the server has read all that was sent. */
  async read(): Promise<void> {
    this.pings += 1;
    const number = Buffer.from([0, 0, 0, this.pings]);
    this.client.send({ type: 4, payload: Buffer.concat([Buffer.from([0, 6]), number]), chunkStreamId: 2 });
    await this.client.answered(Buffer.concat([Buffer.from([0, 7]), number]).toString('latin1'));
  }

  /** Ends as a polite publisher does. */
  close(): Promise<void> {
    return this.client.close();
  }

  /** Ends, or finds itself ended: whoever closes first. */
  async end(): Promise<void> {
    await this.client.close().catch(() => undefined);
  }

  /** Is gone from one moment to the next. */
  vanish(): void {
    this.client.destroy();
  }

  /** Waits until the server has closed the connection. */
  refused(timeoutMs?: number): Promise<void> {
    return this.client.refused(timeoutMs);
  }

  hasAnswer(text: string): boolean {
    return this.client.hasAnswer(text);
  }

  private sendStep(step: Step): void {
    const { client } = this;
    switch (step.kind) {
      case 'metadata':
        return client.send({ type: 18, streamId: 1, payload: Buffer.concat([amf0('@setDataFrame'), amf0('onMetaData'), amf0(step.data)]) });
      case 'video-header':
        return client.video(0, headerPayload(step.track, this.isEnhanced || !isPlain(step.track.codec)));
      case 'audio-header':
        if (step.track.codec === 'mp3') return;
        return client.audio(0, headerPayload(step.track, this.isEnhanced || !isPlain(step.track.codec)));
      case 'frame':
        this.sent[step.track] += 1;
        return client[step.track](stamp(step.timestampMs), framePayload(step, this.isEnhanced || !isPlain(step.codec)));
      case 'raw':
        this.sent[step.track] += step.frames;
        return client[step.track](stamp(step.timestampMs), step.payload);
    }
  }
}

/** As RTMP counts: modulo 2^32. */
const stamp = (timestampMs: number): number => ((timestampMs % 2 ** 32) + 2 ** 32) % 2 ** 32;
