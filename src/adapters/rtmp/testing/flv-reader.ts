export interface FlvTag {
  readonly type: number;
  readonly timestampMs: number;
  readonly payload: Buffer;
}

/** Reads a whole FLV file; throws where it is not one. Every byte must be accounted for. */
export function readFlv(file: Buffer): FlvTag[] {
  if (file.toString('latin1', 0, 3) !== 'FLV') throw new Error('Not an FLV file');
  const tags: FlvTag[] = [];
  let at = 13;
  while (at < file.length) {
    const size = file.readUIntBE(at + 1, 3);
    const end = at + 11 + size;
    if (end + 4 > file.length) throw new Error(`FLV tag at ${at} is cut short`);
    if (file.readUInt32BE(end) !== 11 + size) throw new Error(`FLV tag at ${at} does not fit its trailer`);
    tags.push({
      type: file.readUInt8(at),
      timestampMs: file.readUIntBE(at + 4, 3) + file.readUInt8(at + 7) * 2 ** 24,
      payload: file.subarray(at + 11, end),
    });
    at = end + 4;
  }
  return tags;
}

export const isVideoFrame = (tag: FlvTag): boolean => tag.type === 9 && tag.payload[1] === 1;
export const isKeyframe = (tag: FlvTag): boolean => isVideoFrame(tag) && tag.payload.readUInt8(0) >> 4 === 1;
export const isAudioFrame = (tag: FlvTag): boolean => tag.type === 8 && tag.payload[1] === 1;
