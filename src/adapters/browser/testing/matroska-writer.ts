/** An element of Matroska, whose size takes eight bytes. */
export function element(id: number, ...content: readonly (Buffer | number | string)[]): Buffer {
  const body = Buffer.concat(content.map(bytesOf));
  return Buffer.concat([idBytes(id), sizeBytes(body.length), body]);
}

/** An element that does not say how long it is. */
export const endless = (id: number): Buffer => Buffer.concat([idBytes(id), Buffer.from('01ffffffffffffff', 'hex')]);

export const ID = {
  ebml: 0x1a45dfa3,
  segment: 0x18538067,
  info: 0x1549a966,
  scale: 0x2ad7b1,
  tracks: 0x1654ae6b,
  entry: 0xae,
  number: 0xd7,
  type: 0x83,
  codec: 0x86,
  private: 0x63a2,
  encodings: 0x6d80,
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  simpleBlock: 0xa3,
  blockGroup: 0xa0,
  block: 0xa1,
  reference: 0xfb,
  void: 0xec,
} as const;

export interface WrittenTrack {
  readonly number: number;
  readonly type: 'video' | 'audio';
  readonly codec: string;
  readonly configuration?: Buffer;
}

export const H264: WrittenTrack = {
  ...{ number: 2, type: 'video', codec: 'V_MPEG4/ISO/AVC' },
  configuration: Buffer.from('0142c01fffe1000467420c1f01000468ce3c80', 'hex'),
};
export const OPUS: WrittenTrack = {
  number: 1,
  type: 'audio',
  codec: 'A_OPUS',
  configuration: Buffer.from('OpusHead\x01\x01\0\0\x80\xbb\0\0\0\0\0', 'latin1'),
};
export const VP8: WrittenTrack = { number: 1, type: 'video', codec: 'V_VP8' };

/** Everything before the first cluster, as Chromium writes it. */
export function head(...tracks: readonly WrittenTrack[]): Buffer {
  const entries = tracks.map(({ number, type, codec, configuration }) =>
    element(
      ID.entry,
      ...[element(ID.number, number), element(ID.type, type === 'video' ? 1 : 2), element(ID.codec, codec)],
      ...(configuration === undefined ? [] : [element(ID.private, configuration)]),
    ),
  );
  return Buffer.concat([
    element(ID.ebml, Buffer.from('4282886d6174726f736b61', 'hex')),
    endless(ID.segment),
    element(ID.info, element(ID.scale, Buffer.from([0x0f, 0x42, 0x40]))),
    element(ID.tracks, ...entries),
  ]);
}

/** A cluster's beginning: its blocks come after it. */
export const cluster = (timestamp: number): Buffer =>
  Buffer.concat([endless(ID.cluster), element(ID.timestamp, Buffer.from(timestamp.toString(16).padStart(8, '0'), 'hex'))]);

export const simpleBlock = (track: number, ticks: number, keyframe: boolean, data: Buffer): Buffer =>
  element(ID.simpleBlock, blockBody(track, ticks, keyframe ? 0x80 : 0, data));

export function blockBody(track: number, ticks: number, flags: number, data: Buffer): Buffer {
  const start = Buffer.alloc(4);
  start[0] = 0x80 | track;
  start.writeInt16BE(ticks, 1);
  start[3] = flags;
  return Buffer.concat([start, data]);
}

function bytesOf(value: Buffer | number | string): Buffer {
  if (typeof value === 'number') return Buffer.from([value]);
  return typeof value === 'string' ? Buffer.from(value, 'latin1') : value;
}

function idBytes(id: number): Buffer {
  const text = id.toString(16);
  return Buffer.from(text.padStart(text.length + (text.length % 2), '0'), 'hex');
}

function sizeBytes(size: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(size, 4);
  bytes[0] = 1;
  return bytes;
}
