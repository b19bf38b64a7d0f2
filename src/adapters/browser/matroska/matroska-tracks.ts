import { unreadable } from '../media/unreadable.js';
import type { RecordedAudioCodec, RecordedTracks, RecordedVideoCodec } from '../media/recorded-tracks.js';
import { childrenOf, uintOf } from './ebml-reader.js';

const ENTRY = 0xae;
const [NUMBER, TYPE, CODEC, PRIVATE, ENCODINGS] = [0xd7, 0x83, 0x86, 0x63a2, 0x6d80];
const [VIDEO, AUDIO] = [1, 2];
const MAX_TRACKS = 16;

const VIDEO_CODECS: Readonly<Record<string, RecordedVideoCodec>> = {
  'V_MPEG4/ISO/AVC': 'h264',
  V_VP8: 'vp8',
  V_VP9: 'vp9',
  V_AV1: 'av1',
};
const AUDIO_CODECS: Readonly<Record<string, RecordedAudioCodec>> = { A_OPUS: 'opus', A_AAC: 'aac' };

export interface NumberedTracks extends RecordedTracks {
  /** By what blocks call their track. */
  readonly numbers: ReadonlyMap<number, 'video' | 'audio'>;
}

/** The first track of each kind. @throws VD_BROWSER_MEDIA_UNREADABLE */
export function tracksIn(body: Buffer): NumberedTracks {
  const numbers = new Map<number, 'video' | 'audio'>();
  let video: NumberedTracks['video'];
  let audio: NumberedTracks['audio'];
  let count = 0;
  for (const entry of childrenOf(body)) {
    if (entry.id !== ENTRY) continue;
    if (++count > MAX_TRACKS) throw unreadable(`it has more than ${MAX_TRACKS} tracks`);
    const { number, type, codec, configuration } = readEntry(entry.body);
    if (type === VIDEO && video === undefined) {
      video = { codec: VIDEO_CODECS[codec] ?? 'unknown', ...(configuration && { configuration }) };
      numbers.set(number, 'video');
    } else if (type === AUDIO && audio === undefined) {
      audio = { codec: AUDIO_CODECS[codec] ?? 'unknown', ...(configuration && { configuration }) };
      numbers.set(number, 'audio');
    }
  }
  return { ...(video && { video }), ...(audio && { audio }), numbers };
}

function readEntry(body: Buffer) {
  let [number, type, codec] = [0, 0, ''];
  let configuration: Buffer | undefined;
  for (const { id, body: value } of childrenOf(body)) {
    if (id === NUMBER) number = uintOf(value);
    else if (id === TYPE) type = uintOf(value);
    else if (id === CODEC) codec = value.toString('latin1').replace(/\0+$/, '');
    else if (id === PRIVATE && value.length > 0) configuration = Buffer.from(value);
    else if (id === ENCODINGS) throw unreadable('its frames are compressed or encrypted once more');
  }
  return { number, type, codec, configuration };
}
