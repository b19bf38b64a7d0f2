import { BitReader } from '../../decode/codec/bit-reader.js';
import { behindLengths } from '../../decode/codec/nal.js';
import { parseSequence } from '../../decode/codec/sps.js';
import { nalUnits } from '../../decode/segment/index.js';

const [SPS, PPS] = [7, 8];
const LENGTH_BYTES = 4;
/** Names by which x264 knows the profiles that it can match. */
const PROFILES: Readonly<Record<number, string>> = { 66: 'baseline', 77: 'main', 100: 'high' };

/** What has to be known of an H.264 track to put pictures of another encoder beside its own. */
export interface H264Track {
  readonly parameterSets: readonly Buffer[];
  readonly sequenceId: number;
  readonly profile: string;
  /** Ten times the level, as its parameter set has it. */
  readonly levelIdc: number;
  /** Body of `avcC`. */
  readonly configuration: Buffer;
}

/** @returns null where there are no parameter sets, or of a kind that an encoder cannot be asked to go on from */
export function h264TrackOf(keyframe: Buffer): H264Track | null {
  const parameterSets = parameterSetsOf(keyframe);
  const sequenceSets = parameterSets.filter((nal) => typeOf(nal) === SPS);
  const [sequence] = sequenceSets;
  const facts = sequence === undefined ? null : parseSequence('h264', sequence);
  if (sequence === undefined || facts === null || sequenceSets.length > 1 || sequence.length < 5) return null;
  const profile = PROFILES[sequence[1]!];
  if (profile === undefined || facts.chroma !== '4:2:0' || facts.bitDepth !== 8) return null;
  return {
    parameterSets,
    profile,
    sequenceId: BitReader.ofNal(sequence.subarray(4, 16)).unsigned(),
    levelIdc: sequence[3]!,
    configuration: avcConfiguration(sequence, parameterSets),
  };
}

/** Sequence sets before picture sets, each once. */
export function parameterSetsOf(annexB: Buffer): Buffer[] {
  const all = [...nalUnits(annexB)];
  const setsOf = (type: number): Buffer[] => all.filter((nal) => typeOf(nal) === type);
  return [SPS, PPS].flatMap((type) => setsOf(type).filter((nal, at, sets) => sets.findIndex((other) => other.equals(nal)) === at));
}

/** NAL units behind their lengths, as muxers take them. @param before units to put first, where they are not there already */
export function lengthPrefixed(annexB: Buffer, before: readonly Buffer[] = []): Buffer {
  const own = [...nalUnits(annexB)];
  const added = before.filter((nal) => !own.some((other) => other.equals(nal)));
  return behindLengths([...added, ...own]);
}

function avcConfiguration(sequence: Buffer, sets: readonly Buffer[]): Buffer {
  const listed = (type: number): Buffer[] =>
    sets.filter((nal) => typeOf(nal) === type).flatMap((nal) => [Buffer.from([nal.length >> 8, nal.length & 0xff]), nal]);
  const count = (type: number): number => sets.filter((nal) => typeOf(nal) === type).length;
  const head = [1, sequence[1]!, sequence[2]!, sequence[3]!, 0xfc | (LENGTH_BYTES - 1)];
  return Buffer.concat([Buffer.from([...head, 0xe0 | count(SPS)]), ...listed(SPS), Buffer.from([count(PPS)]), ...listed(PPS)]);
}

const typeOf = (nal: Buffer): number => nal[0]! & 0x1f;
