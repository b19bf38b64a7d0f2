import { describe, expect, it } from 'vitest';
import { parseAvcConfiguration } from '../codec/avc-configuration.js';
import { parseHevcConfiguration } from '../codec/hevc-configuration.js';
import { AVC_CONFIGURATION, HEVC_CONFIGURATION } from '../codec/testing/configurations.js';
import { NalStream } from './nal-stream.js';

const START = Buffer.from([0, 0, 0, 1]);
const annexB = (...units: Uint8Array[]): Buffer => Buffer.concat(units.flatMap((unit) => [START, unit]));
const avcSets = parseAvcConfiguration(AVC_CONFIGURATION).nal!.parameterSets;
const hevcSets = parseHevcConfiguration(HEVC_CONFIGURATION).nal!.parameterSets;
const slice = Buffer.from([0x65, 1, 2, 3]);
const behindItsLength = Buffer.from([0, 0, 0, 4, ...slice]);

describe(NalStream.name, () => {
  it('takes parameter sets and delimiters out, and puts lengths in the place of start codes', () => {
    const nals = new NalStream('h264');
    expect(nals.take(annexB(Buffer.from([9, 0xf0]), ...avcSets, slice))).toEqual(behindItsLength);
    expect(parseAvcConfiguration(nals.news()!)).toMatchObject({ size: { widthPx: 322, heightPx: 182 }, nal: { lengthBytes: 4 } });
    expect(nals.take(annexB(...avcSets))).toHaveLength(0);
  });

  it('tells of a configuration once, and again when it is another one', () => {
    const nals = new NalStream('h264');
    nals.announce(annexB(...avcSets));
    expect(nals.news()).toBeDefined();
    nals.take(annexB(...avcSets, slice));
    expect(nals.news()).toBeUndefined();
    const other = Buffer.from(avcSets[0]!);
    other.writeUInt8(31, 3);
    nals.take(annexB(other, avcSets[1]!, slice));
    // In its place, not beside it.
    expect(parseAvcConfiguration(nals.news()!)).toMatchObject({ level: '3.1', nal: { parameterSets: { length: 2 } } });
  });

  it('has none as long as sets are missing', () => {
    const nals = new NalStream('h264');
    nals.take(annexB(avcSets[0]!, slice));
    expect(nals.news()).toBeUndefined();
    nals.take(annexB(avcSets[1]!));
    expect(nals.news()).toBeDefined();
  });

  it('makes that of HEVC from its three kinds of sets', () => {
    const nals = new NalStream('hevc');
    nals.take(annexB(...hevcSets, Buffer.from([0x26, 1, 9])));
    expect(parseHevcConfiguration(nals.news()!)).toMatchObject({ profile: 'Main 10', size: { widthPx: 322, heightPx: 182 } });
  });

  it('survives every cut of what comes, and sets that are larger than any', () => {
    const whole = annexB(...avcSets, slice);
    for (let end = 0; end < whole.length; end++) {
      const nals = new NalStream('h264');
      nals.take(whole.subarray(0, end));
      nals.news();
    }
    const nals = new NalStream('h264');
    nals.take(annexB(Buffer.alloc(100_000, 0x67), Buffer.alloc(100_000, 0x68)));
    expect(nals.news()).toBeUndefined();
  });
});
