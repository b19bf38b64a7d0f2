import { CodedError, type EncodedFrame, errorText } from '../../plugin-api/index.js';
import type { FileEnd, FileFacts } from '../../decode/file/file-reader.js';

/*
 * What the process that reads a file says on its standard output: records, each behind its length in four bytes. The first byte of a
 * record says what it is: words (JSON), a picture, or a frame of sound.
 */
const WORDS = 0;
const KINDS = ['video', 'audio'] as const;
const LENGTH_BYTES = 4;
const FRAME_HEAD_BYTES = 18;
/** No frame is larger: who says so is broken. */
const MOST_RECORD_BYTES = 256 * 1024 ** 2;

/** What the reading process is asked, in this order. */
export type ToFileReader = { readonly type: 'open'; readonly path: string } | { readonly type: 'read'; readonly fromUs: number | null };

export type FromFileReader =
  | { readonly type: 'opened'; readonly facts: FileFacts }
  | { readonly type: 'frame'; readonly frame: EncodedFrame }
  /** A sign of life, and where in the file it is. */
  | { readonly type: 'at'; readonly positionBytes: number }
  | { readonly type: 'end'; readonly end: FileEnd }
  | { readonly type: 'failed'; readonly code: string | null; readonly message: string };

export function recordOf(said: FromFileReader): Buffer {
  if (said.type === 'frame') return frameRecord(said.frame);
  const words = Buffer.from(JSON.stringify(said, bytesAsText));
  return Buffer.concat([lengthOf(words.length + 1), Buffer.of(WORDS), words]);
}

/** Takes records out of pieces of any size. */
export class RecordParser {
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  private wanted = LENGTH_BYTES;
  private isLength = true;

  *push(piece: Buffer): Generator<FromFileReader> {
    this.waiting.push(piece);
    this.waitingBytes += piece.length;
    while (this.waitingBytes >= this.wanted) {
      const bytes = this.take(this.wanted);
      if (this.isLength) {
        this.wanted = bytes.readUInt32BE();
        if (this.wanted === 0 || this.wanted > MOST_RECORD_BYTES) throw new RangeError(`a record of ${this.wanted} bytes`);
      } else {
        yield readRecord(bytes);
        this.wanted = LENGTH_BYTES;
      }
      this.isLength = !this.isLength;
    }
  }

  private take(count: number): Buffer {
    const all = this.waiting.length === 1 ? this.waiting[0]! : Buffer.concat(this.waiting);
    this.waiting = [all.subarray(count)];
    this.waitingBytes -= count;
    return all.subarray(0, count);
  }
}

/** What went wrong, as it is told. */
export function failureOf(error: unknown): Extract<FromFileReader, { type: 'failed' }> {
  return { type: 'failed', code: error instanceof CodedError ? error.code : null, message: errorText(error) };
}

function frameRecord({ track, keyframe, dtsUs, ptsUs, data }: EncodedFrame): Buffer {
  const head = Buffer.alloc(LENGTH_BYTES + FRAME_HEAD_BYTES);
  head.writeUInt32BE(FRAME_HEAD_BYTES + data.length);
  head.writeUInt8(1 + KINDS.indexOf(track), LENGTH_BYTES);
  head.writeUInt8(keyframe ? 1 : 0, LENGTH_BYTES + 1);
  head.writeDoubleBE(dtsUs, LENGTH_BYTES + 2);
  head.writeDoubleBE(ptsUs, LENGTH_BYTES + 10);
  return Buffer.concat([head, data]);
}

function readRecord(bytes: Buffer): FromFileReader {
  const kind = bytes.readUInt8();
  if (kind === WORDS) return JSON.parse(bytes.toString('utf8', 1), textAsBytes) as FromFileReader;
  const track = KINDS[kind - 1];
  if (track === undefined || bytes.length < FRAME_HEAD_BYTES) throw new RangeError(`a record of the kind ${kind}`);
  const frame: EncodedFrame = {
    track,
    keyframe: bytes.readUInt8(1) === 1,
    dtsUs: bytes.readDoubleBE(2),
    ptsUs: bytes.readDoubleBE(10),
    // Of its own: who takes the frame may give its memory up.
    data: Uint8Array.from(bytes.subarray(FRAME_HEAD_BYTES)),
  };
  return { type: 'frame', frame };
}

function lengthOf(count: number): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(count);
  return length;
}

const bytesAsText = (_: string, value: unknown): unknown =>
  value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value;

function textAsBytes(_: string, value: unknown): unknown {
  const base64 = (value as { base64?: unknown } | null)?.base64;
  return typeof base64 === 'string' ? Uint8Array.from(Buffer.from(base64, 'base64')) : value;
}
