import { ADTS_HEADER_BYTES, parseAacConfiguration, videoFormatOf, writeAdtsHeader, type AdtsParameters } from '../codec/index.js';
import { AccessUnit } from '../segment/demuxed-unit.js';
import { unitEntry } from '../segment/unit-entry.js';
import type { FragmentSample } from './fragments.js';
import type { MovieTrack } from './movie.js';

type Form = (stored: Buffer) => Buffer;

const START_CODE = Buffer.from([0, 0, 1]);

/**
 * How samples of a track become units.
 * @returns null where nobody here can read them: AAC that ADTS has no words for
 * @throws VD_MEDIA_CODEC_CONFIG_INVALID
 */
export function unitMaker(bytes: Buffer, { kind, codec, configuration }: MovieTrack): ((sample: FragmentSample) => AccessUnit) | null {
  const make = (sample: FragmentSample, keyframe: boolean, wholeAfter = 0, form?: Form): AccessUnit => {
    const { start, end, ptsTicks, dtsTicks, isAfterGap } = sample;
    return new AccessUnit(bytes, [start, end], ptsTicks, dtsTicks, keyframe, isAfterGap, wholeAfter, form);
  };
  if (kind === 'audio') {
    if (codec !== 'aac') return (sample) => make(sample, true);
    const { adts } = parseAacConfiguration(configuration);
    if (adts === undefined) return null;
    const form = adtsForm(adts);
    return (sample) => make(sample, true, 0, form);
  }
  const { nal } = videoFormatOf({ codec, configuration });
  if (nal === undefined) return (sample) => make(sample, sample.isSync);
  const { lengthBytes, parameterSets } = nal;
  const before = Buffer.concat(parameterSets.flatMap((set) => [START_CODE, set]));
  const plain: Form = (stored) => annexB(stored, lengthBytes);
  const withSets: Form = (stored) => Buffer.concat([before, plain(stored)]);
  return (sample) => {
    const stored = bytes.subarray(sample.start, sample.end);
    const entry = unitEntry(codec, sample.isSync, (leastBytes) => annexB(stored, lengthBytes, leastBytes));
    return make(sample, entry !== null, entry?.wholeAfter, entry === null ? plain : withSets);
  };
}

/** NAL units with start codes in place of their lengths. One that goes beyond the end is cut there. */
function annexB(stored: Buffer, lengthBytes: number, leastBytes = Number.POSITIVE_INFINITY): Buffer {
  let sizeBytes = 0;
  let until = 0;
  for (; until + lengthBytes < stored.length && sizeBytes < leastBytes; until = unitEnd(stored, until, lengthBytes))
    sizeBytes += START_CODE.length + unitEnd(stored, until, lengthBytes) - until - lengthBytes;
  const out = Buffer.alloc(sizeBytes);
  for (let at = 0, to = 0; at < until;) {
    const end = unitEnd(stored, at, lengthBytes);
    to += START_CODE.copy(out, to);
    to += stored.copy(out, to, at + lengthBytes, end);
    at = end;
  }
  return out;
}

function unitEnd(stored: Buffer, at: number, lengthBytes: number): number {
  return Math.min(stored.length, at + lengthBytes + stored.readUIntBE(at, lengthBytes));
}

function adtsForm(adts: AdtsParameters): Form {
  const element = adts.channelElement ?? new Uint8Array(0);
  return (stored) => {
    const head = Buffer.alloc(ADTS_HEADER_BYTES);
    writeAdtsHeader(head, 0, adts, ADTS_HEADER_BYTES + element.length + stored.length);
    return Buffer.concat([head, element, stored]);
  };
}
