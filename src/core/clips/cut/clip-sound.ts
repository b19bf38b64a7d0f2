import { parseAdts } from '../../decode/adts.js';
import { unwrapTicks } from '../../decode/segment/index.js';
import type { PushedAudioTrack } from '../../plugin-api/index.js';
import { NotCuttable } from './not-cuttable.js';
import type { SegmentUnits } from './epoch-source.js';

/** A frame of sound without its header. */
export interface SoundFrame {
  readonly ptsTicks: number;
  readonly data: Buffer;
}

const HEADER_BYTES = 7;
const CHECKSUM_BYTES = 2;

/** Takes the sound of segments apart, and knows its configuration once there was some. */
export class ClipSound {
  track: PushedAudioTrack | undefined;

  /** @throws NotCuttable for sound that cannot be copied frame by frame */
  frames({ audio, referenceTicks }: Pick<SegmentUnits, 'audio' | 'referenceTicks'>): SoundFrame[] {
    if (audio === null || audio.units.length === 0) return [];
    if (audio.codec === 'opus') throw new NotCuttable('its sound is Opus');
    if (audio.codec === 'mp3') {
      this.track ??= { codec: 'mp3', configuration: new Uint8Array(0) };
      return audio.units.map(({ ptsTicks, data }) => ({ ptsTicks: unwrapTicks(ptsTicks, referenceTicks), data }));
    }
    return parseAdts(audio.units)
      .frames.filter(({ intact }) => intact)
      .map(({ ptsTicks, data }) => {
        this.track ??= { codec: 'aac', configuration: configurationOf(data) };
        const headerBytes = HEADER_BYTES + ((data[1]! & 1) === 0 ? CHECKSUM_BYTES : 0);
        return { ptsTicks: unwrapTicks(ptsTicks, referenceTicks), data: data.subarray(headerBytes) };
      });
  }
}

/** The AudioSpecificConfig that an ADTS header stands for. */
function configurationOf(frame: Buffer): Uint8Array {
  const objectType = (frame[2]! >> 6) + 1;
  const rateIndex = (frame[2]! >> 2) & 0x0f;
  const channels = ((frame[2]! & 1) << 2) | (frame[3]! >> 6);
  const blocks = (frame[6]! & 3) + 1;
  if (channels === 0 || blocks > 1) throw new NotCuttable('its sound lists its channels in the frames, or has several blocks in each');
  return Uint8Array.of((objectType << 3) | (rateIndex >> 1), ((rateIndex & 1) << 7) | (channels << 3));
}
