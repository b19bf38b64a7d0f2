import type { EncodedFrame, PackagerInput } from 'vedette/plugin';

type FramesInput = PackagerInput & { readonly kind: 'frames' };

const CODEC_NUMBERS = { h264: 7, hevc: 12, aac: 10, mp3: 2 } as const;
const numberOf = (codec: string): number => {
  if (codec in CODEC_NUMBERS) return CODEC_NUMBERS[codec as keyof typeof CODEC_NUMBERS];
  throw new Error(`FLV has no number for ${codec}`);
};

function tag(type: number, timestampMs: number, ...parts: readonly Uint8Array[]): Buffer {
  const payload = Buffer.concat(parts);
  const head = Buffer.alloc(11);
  head.writeUInt8(type, 0);
  head.writeUIntBE(payload.length, 1, 3);
  head.writeUIntBE(timestampMs % 2 ** 24, 4, 3);
  head.writeUInt8(Math.floor(timestampMs / 2 ** 24) & 0xff, 7);
  const trailer = Buffer.alloc(4);
  trailer.writeUInt32BE(11 + payload.length);
  return Buffer.concat([head, payload, trailer]);
}

function frameTag({ video, audio }: FramesInput, frame: EncodedFrame): Buffer {
  const timestampMs = Math.round(frame.dtsUs / 1000);
  if (frame.track === 'video') {
    const head = Buffer.alloc(5);
    head.writeUInt8(((frame.keyframe ? 1 : 2) << 4) | numberOf(video!.codec));
    head.writeUInt8(1, 1);
    head.writeIntBE(Math.round((frame.ptsUs - frame.dtsUs) / 1000), 2, 3);
    return tag(9, timestampMs, head, frame.data);
  }
  const first = (numberOf(audio!.codec) << 4) | 0x0f;
  return tag(8, timestampMs, Buffer.from(audio!.codec === 'aac' ? [first, 1] : [first]), frame.data);
}

/** Frames as an FLV file, for programs that read files. */
export function writeFlv(input: FramesInput, frames: readonly EncodedFrame[]): Buffer {
  const { video, audio } = input;
  const flags = (video === undefined ? 0 : 1) | (audio === undefined ? 0 : 4);
  const parts: Buffer[] = [Buffer.from([0x46, 0x4c, 0x56, 1, flags, 0, 0, 0, 9, 0, 0, 0, 0])];
  if (video !== undefined) parts.push(tag(9, 0, Buffer.from([0x10 | numberOf(video.codec), 0, 0, 0, 0]), video.configuration));
  if (audio?.codec === 'aac') parts.push(tag(8, 0, Buffer.from([0xaf, 0]), audio.configuration));
  return Buffer.concat([...parts, ...frames.map((frame) => frameTag(input, frame))]);
}
