import type { PushedAudioCodec, PushedVideoCodec } from '../../plugin-api/index.js';
import { boxesIn, boxIn, BoxReader, type IsoBox } from './boxes.js';

/** What samples of a track are unless they say it themselves. */
export interface SampleDefaults {
  readonly duration: number;
  readonly sizeBytes: number;
  readonly flags: number;
}

interface Track {
  readonly id: number;
  readonly timescale: number;
  readonly defaults: SampleDefaults;
  /** The codec's own: the body of `avcC`, `hvcC`, `av1C`, `vpcC`, `dOps`, or an AudioSpecificConfig. */
  readonly configuration: Buffer;
}

export type MovieTrack =
  | (Track & { readonly kind: 'video'; readonly codec: PushedVideoCodec })
  | (Track & { readonly kind: 'audio'; readonly codec: PushedAudioCodec });

/** A movie's tracks that can be read, and the names of those that cannot. */
export interface Movie {
  readonly tracks: readonly MovieTrack[];
  readonly unknown: readonly string[];
}

const VIDEO_ENTRIES: Readonly<Record<string, readonly [codec: PushedVideoCodec, box: string]>> = {
  avc1: ['h264', 'avcC'],
  avc3: ['h264', 'avcC'],
  hvc1: ['hevc', 'hvcC'],
  hev1: ['hevc', 'hvcC'],
  av01: ['av1', 'av1C'],
  vp09: ['vp9', 'vpcC'],
};
const [VIDEO_ENTRY_BYTES, AUDIO_ENTRY_BYTES] = [78, 28];
const OBJECT_AAC = 0x40;
const OBJECTS_MP3 = new Set([0x69, 0x6b]);
const NO_DEFAULTS: SampleDefaults = { duration: 0, sizeBytes: 0, flags: 0 };
const MAX_TRACKS = 16;

/** Reads `moov`. Safe on any bytes. */
export function readMovie(bytes: Buffer, moov: IsoBox): Movie {
  const defaults = trackDefaults(bytes, boxIn(bytes, moov, 'mvex'));
  const tracks: MovieTrack[] = [];
  const unknown: string[] = [];
  let seen = 0;
  for (const trak of boxesIn(bytes, moov.bodyStart, moov.end)) {
    if (trak.type !== 'trak' || ++seen > MAX_TRACKS) continue;
    const track = readTrack(bytes, trak, defaults);
    if (typeof track === 'string') unknown.push(track);
    else tracks.push(track);
  }
  return { tracks, unknown };
}

/** @returns the name of what it is, where it cannot be read */
function readTrack(bytes: Buffer, trak: IsoBox, defaults: ReadonlyMap<number, SampleDefaults>): MovieTrack | string {
  const mdia = boxIn(bytes, trak, 'mdia');
  const samples = boxIn(bytes, boxIn(bytes, mdia, 'minf'), 'stbl');
  const stsd = boxIn(bytes, samples, 'stsd');
  const [header, mediaHeader] = [boxIn(bytes, trak, 'tkhd'), boxIn(bytes, mdia, 'mdhd')];
  if (stsd === undefined || header === undefined || mediaHeader === undefined) return 'nothing';
  const [entry] = boxesIn(bytes, Math.min(stsd.bodyStart + 8, stsd.end), stsd.end);
  const timescale = numberAfterTimes(bytes, mediaHeader);
  const id = numberAfterTimes(bytes, header);
  if (entry === undefined || entry.isCut || timescale === 0) return 'nothing';
  const track = { id, timescale, defaults: defaults.get(id) ?? NO_DEFAULTS };
  const video = VIDEO_ENTRIES[entry.type];
  if (video !== undefined) {
    const [codec, name] = video;
    return { ...track, kind: 'video', codec, configuration: bodyOf(bytes, boxIn(bytes, entry, name, VIDEO_ENTRY_BYTES)) };
  }
  if (entry.type === 'Opus')
    return { ...track, kind: 'audio', codec: 'opus', configuration: bodyOf(bytes, boxIn(bytes, entry, 'dOps', AUDIO_ENTRY_BYTES)) };
  if (entry.type !== 'mp4a') return entry.type;
  const { objectType, specific } = readEsds(bodyOf(bytes, boxIn(bytes, entry, 'esds', AUDIO_ENTRY_BYTES)));
  if (OBJECTS_MP3.has(objectType)) return { ...track, kind: 'audio', codec: 'mp3', configuration: specific };
  return objectType === OBJECT_AAC ? { ...track, kind: 'audio', codec: 'aac', configuration: specific } : `mp4a.${objectType.toString(16)}`;
}

/** In `tkhd` the id, in `mdhd` the timescale: what stands behind the times of creation and change. */
function numberAfterTimes(bytes: Buffer, header: IsoBox): number {
  const reader = new BoxReader(bytes, header);
  reader.skip(reader.uint32() >>> 24 === 1 ? 16 : 8);
  return reader.uint32();
}

function trackDefaults(bytes: Buffer, mvex: IsoBox | undefined): Map<number, SampleDefaults> {
  const defaults = new Map<number, SampleDefaults>();
  if (mvex === undefined) return defaults;
  for (const found of boxesIn(bytes, mvex.bodyStart, mvex.end)) {
    if (found.type !== 'trex') continue;
    const reader = new BoxReader(bytes, found);
    reader.skip(4);
    const id = reader.uint32();
    reader.skip(4);
    defaults.set(id, { duration: reader.uint32(), sizeBytes: reader.uint32(), flags: reader.uint32() });
  }
  return defaults;
}

/** Looks for the decoder's part of the descriptors: they lie within each other, or one behind the other. */
function readEsds(body: Buffer): { readonly objectType: number; readonly specific: Buffer } {
  let objectType = 0;
  for (let at = 4; at + 2 <= body.length;) {
    const tag = body[at++];
    let size = 0;
    for (let i = 0; i < 4 && at < body.length; i++) {
      const byte = body[at++]!;
      size = size * 128 + (byte & 0x7f);
      if ((byte & 0x80) === 0) break;
    }
    if (tag === 0x03) at += 3 + ((body[at + 2] ?? 0) & 0x80 ? 2 : 0);
    else if (tag === 0x04) {
      objectType = body[at] ?? 0;
      at += 13;
    } else if (tag === 0x05) return { objectType, specific: body.subarray(at, at + size) };
    else at += size;
  }
  return { objectType, specific: Buffer.alloc(0) };
}

const bodyOf = (bytes: Buffer, box: IsoBox | undefined): Buffer =>
  box === undefined ? Buffer.alloc(0) : bytes.subarray(box.bodyStart, box.end);
