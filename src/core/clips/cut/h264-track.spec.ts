import { describe, expect, it } from 'vitest';
import { h264TrackOf, lengthPrefixed, parameterSetsOf } from './h264-track.js';

/** Of x264, 640x360, High, level 3.0. */
const SPS = Buffer.from('6764001eacb405017fcb080000030008000003019078b175', 'hex');
const PPS = Buffer.from('68ebe3cb22c0', 'hex');
const SLICE = Buffer.from('658884', 'hex');
const annexB = (...nals: Buffer[]): Buffer => Buffer.concat(nals.flatMap((nal) => [Buffer.from([0, 0, 0, 1]), nal]));

describe(parameterSetsOf.name, () => {
  it('finds each once, sequence sets first', () => {
    expect(parameterSetsOf(annexB(PPS, SPS, SPS, PPS, SLICE))).toEqual([SPS, PPS]);
  });
});

describe(lengthPrefixed.name, () => {
  it('puts lengths before units, and what is not there yet before them', () => {
    const other = Buffer.from('680102', 'hex');
    expect(lengthPrefixed(annexB(PPS, SLICE), [PPS, other]).toString('hex')).toBe(
      '00000003680102' + '0000000668ebe3cb22c0' + '00000003658884',
    );
  });
});

describe(h264TrackOf.name, () => {
  it('knows what an encoder must be told to go on from it', () => {
    const track = h264TrackOf(annexB(SPS, PPS, SLICE))!;
    expect(track).toMatchObject({ profile: 'high', levelIdc: 30, sequenceId: 0, parameterSets: [SPS, PPS] });
    expect(track.configuration.toString('hex')).toBe(
      `0164001effe1${SPS.length.toString(16).padStart(4, '0')}${SPS.toString('hex')}010006${PPS.toString('hex')}`,
    );
  });

  it('gives up where there is nothing to go on from', () => {
    expect(h264TrackOf(annexB(SLICE))).toBeNull();
    expect(h264TrackOf(annexB(Buffer.from('67', 'hex'), PPS))).toBeNull();
    const high10 = Buffer.from(SPS);
    high10[1] = 110;
    expect(h264TrackOf(annexB(high10, PPS, SLICE))).toBeNull();
    expect(h264TrackOf(Buffer.alloc(0))).toBeNull();
  });
});
