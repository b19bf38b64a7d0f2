import type {
  EncodedFrame,
  FrameLossReason,
  MediaFacts,
  MediaFailure,
  MediaRequest,
  PushedAudioTrack,
  PushedTrackKind,
  PushedVideoTrack,
} from '../../plugin-api/index.js';

/** What the reading process is handed when it starts. */
export type ReaderOrder = Omit<MediaRequest, 'openTimeoutMs' | 'stallTimeoutMs'>;

/** What the reading process says. */
export type FromReader =
  | { readonly type: 'opened'; readonly facts: MediaFacts }
  | { readonly type: 'video'; readonly codec: PushedVideoTrack['codec']; readonly configuration: Uint8Array }
  | ({ readonly type: 'audio' } & PushedAudioTrack)
  | { readonly type: 'frame'; readonly frame: EncodedFrame }
  | { readonly type: 'lost'; readonly reason: FrameLossReason; readonly track: PushedTrackKind }
  | { readonly type: 'notice'; readonly text: string }
  | { readonly type: 'failed'; readonly failure: MediaFailure };

/*
 * Each message: its length (4 bytes), then one byte that says what follows. A frame: a byte of flags, dts and pts as doubles, its data.
 * A format: JSON without the configuration, whose length stands before it, and the configuration. All else: JSON.
 */
const HEAD_BYTES = 5;
const FRAME_HEAD_BYTES = 17;
const [JSON_BODY, FRAME_BODY, FORMAT_BODY] = [0, 1, 2];
const [IS_AUDIO, IS_KEYFRAME] = [1, 2];
/** Ample for a keyframe of 8K; more comes of a process that has lost its mind. */
const MAX_MESSAGE_BYTES = 64 * 1024 ** 2;
const MAX_TEXT_BYTES = 16 * 1024;
/** Codecs' configurations are a few hundred bytes. */
const MAX_FORMAT_BYTES = 256 * 1024;

export function encodeMessage(message: FromReader): Buffer {
  switch (message.type) {
    case 'frame':
      return encodeFrame(message.frame);
    case 'video':
    case 'audio': {
      const { configuration, ...rest } = message;
      const json = Buffer.from(JSON.stringify(rest));
      const head = withHead(FORMAT_BODY, 4 + json.length + configuration.length);
      head.writeUInt32BE(json.length, HEAD_BYTES);
      json.copy(head, HEAD_BYTES + 4);
      head.set(configuration, HEAD_BYTES + 4 + json.length);
      return head;
    }
    default: {
      const json = Buffer.from(JSON.stringify(message));
      const bytes = withHead(JSON_BODY, json.length);
      json.copy(bytes, HEAD_BYTES);
      return bytes;
    }
  }
}

function encodeFrame({ track, dtsUs, ptsUs, keyframe, data }: EncodedFrame): Buffer {
  const bytes = withHead(FRAME_BODY, FRAME_HEAD_BYTES + data.length);
  bytes.writeUInt8((track === 'audio' ? IS_AUDIO : 0) | (keyframe ? IS_KEYFRAME : 0), HEAD_BYTES);
  bytes.writeDoubleBE(dtsUs, HEAD_BYTES + 1);
  bytes.writeDoubleBE(ptsUs, HEAD_BYTES + 9);
  bytes.set(data, HEAD_BYTES + FRAME_HEAD_BYTES);
  return bytes;
}

function withHead(kind: number, bodyBytes: number): Buffer {
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + bodyBytes);
  bytes.writeUInt32BE(bodyBytes);
  bytes.writeUInt8(kind, 4);
  return bytes;
}

/** Puts messages together from chunks as a pipe gives them. */
export class MessageParser {
  private chunks: Buffer[] = [];
  private length = 0;

  /** @throws RangeError for what the reading process never writes */
  *push(chunk: Buffer): Generator<FromReader> {
    this.chunks.push(chunk);
    this.length += chunk.length;
    while (this.length >= HEAD_BYTES) {
      const head = this.joined(HEAD_BYTES);
      const bodyBytes = head.readUInt32BE();
      if (bodyBytes > MAX_MESSAGE_BYTES) throw new RangeError(`a message of ${bodyBytes} bytes`);
      if (this.length < HEAD_BYTES + bodyBytes) return;
      const bytes = this.joined(HEAD_BYTES + bodyBytes);
      this.chunks[0] = bytes.subarray(HEAD_BYTES + bodyBytes);
      this.length -= HEAD_BYTES + bodyBytes;
      yield decode(bytes.readUInt8(4), bytes.subarray(HEAD_BYTES, HEAD_BYTES + bodyBytes));
    }
  }

  /** The first chunk, when it holds so many bytes. */
  private joined(bytes: number): Buffer {
    const [first] = this.chunks;
    if (first !== undefined && first.length >= bytes) return first;
    const joined = Buffer.concat(this.chunks);
    this.chunks = [joined];
    return joined;
  }
}

function decode(kind: number, body: Buffer): FromReader {
  if (kind === JSON_BODY && body.length <= MAX_TEXT_BYTES) return JSON.parse(body.toString('utf8')) as FromReader;
  if (kind === FRAME_BODY && body.length >= FRAME_HEAD_BYTES) return { type: 'frame', frame: decodeFrame(body) };
  if (kind === FORMAT_BODY && body.length >= 4 && body.length <= MAX_FORMAT_BYTES) {
    const end = 4 + body.readUInt32BE();
    const rest = JSON.parse(body.subarray(4, end).toString('utf8')) as FromReader;
    return { ...rest, configuration: Buffer.from(body.subarray(end)) } as FromReader;
  }
  throw new RangeError(`a message of kind ${kind} with ${body.length} bytes`);
}

function decodeFrame(body: Buffer): EncodedFrame {
  const flags = body.readUInt8(0);
  return {
    track: (flags & IS_AUDIO) !== 0 ? 'audio' : 'video',
    keyframe: (flags & IS_KEYFRAME) !== 0,
    dtsUs: body.readDoubleBE(1),
    ptsUs: body.readDoubleBE(9),
    // Of its own: whoever gets it may give its memory up.
    data: Buffer.from(body.subarray(FRAME_HEAD_BYTES)),
  };
}
