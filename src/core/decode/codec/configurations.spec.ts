import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../test/support/seeded-random.js';
import { parseAacConfiguration } from './aac-configuration.js';
import { av1Size, sequenceHeaderOf } from './av1-sequence.js';
import { mp3HeaderAt } from './mp3-header.js';
import { opusPacketSamples, parseOpusConfiguration } from './opus-configuration.js';
import * as written from './testing/configurations.js';
import { videoFormatOf } from './video-format.js';
import { vp9KeyframeSize } from './vp9-configuration.js';

const INVALID = expect.objectContaining({ code: 'VD_MEDIA_CODEC_CONFIG_INVALID' }) as Error;
const size = { widthPx: 322, heightPx: 182 };
const hex = (text: string): Buffer => Buffer.from(text, 'hex');

const VIDEO = [
  ['h264', written.AVC_CONFIGURATION],
  ['h264', written.AVC_444_CONFIGURATION],
  ['hevc', written.HEVC_CONFIGURATION],
  ['av1', written.AV1_CONFIGURATION],
  ['vp9', written.VP9_CONFIGURATION],
] as const;

describe(videoFormatOf, () => {
  it.each([
    ['avc1.64000D', 'High', '1.3', '4:2:0', 8, size],
    ['avc1.F4000D', 'High 4:4:4 Predictive', '1.3', '4:4:4', 10, size],
    ['hvc1.2.4.L60.90', 'Main 10', '2.0', '4:2:0', 10, size],
    ['av01.0.00M.08', 'Main', '2.0', '4:2:0', 8, size],
    ['vp09.02.41.10', 'Profile 2', '4.1', '4:2:0', 10, undefined],
  ])('reads %s', (codecString, profile, level, chroma, bitDepth, frameSize) => {
    const formats = VIDEO.map(([codec, configuration]) => videoFormatOf({ codec, configuration }));
    const format = formats.find((each) => each.codecString === codecString);
    expect(format).toMatchObject({ codecString, profile, level, chroma, bitDepth });
    expect(format!.size).toEqual(frameSize);
  });

  it('gives the parameter sets in the order that decoders take them', () => {
    const types = (nals: readonly Uint8Array[], shift: number, mask: number): number[] => nals.map((nal) => (nal[0]! >> shift) & mask);
    const avc = videoFormatOf({ codec: 'h264', configuration: written.AVC_CONFIGURATION }).nal!;
    const hevc = videoFormatOf({ codec: 'hevc', configuration: written.HEVC_CONFIGURATION }).nal!;
    expect([avc.lengthBytes, types(avc.parameterSets, 0, 0x1f)]).toEqual([4, [7, 8]]);
    expect([hevc.lengthBytes, types(hevc.parameterSets, 1, 0x3f)]).toEqual([4, [32, 33, 34]]);
  });

  it('takes vpcC with the version of its box, too', () => {
    const boxed = Buffer.concat([hex('01000000'), written.VP9_CONFIGURATION]);
    expect(videoFormatOf({ codec: 'vp9', configuration: boxed })).toEqual(
      videoFormatOf({ codec: 'vp9', configuration: written.VP9_CONFIGURATION }),
    );
  });

  it.each(VIDEO)('refuses %s that is cut short, whatever is left of it', (codec, configuration) => {
    // What follows the parameter sets of H.264 may be absent; a sequence header in av1C, too.
    const needed = codec === 'av1' ? 4 : configuration.length - (codec === 'h264' ? 4 : 0);
    for (let length = 0; length < needed; length++)
      expect(() => videoFormatOf({ codec, configuration: configuration.subarray(0, length) })).toThrow(INVALID);
  });

  it.each(VIDEO)('throws nothing but coded errors on any %s', (codec, configuration) => {
    const next = seededRandom(11);
    const outcomes = new Set<string>();
    for (let round = 0; round < 4000; round++) {
      const bytes = Buffer.from(configuration.subarray(0, Math.ceil((0.5 + next()) * configuration.length)));
      for (let hits = Math.ceil(next() * 6); hits > 0; hits--) bytes[Math.floor(next() * bytes.length)] = Math.floor(next() * 256);
      try {
        const format = videoFormatOf({ codec, configuration: bytes });
        expect(format.nal?.parameterSets.length ?? 1).toBeGreaterThan(0);
        outcomes.add('read');
      } catch (error) {
        expect(error).toEqual(INVALID);
        outcomes.add('refused');
      }
    }
    expect([...outcomes].sort()).toEqual(['read', 'refused']);
  });
});

describe(parseAacConfiguration, () => {
  it.each([
    ['LC', '1190', { codecString: 'mp4a.40.2', sampleRateHz: 48_000, channelCount: 2, adts: { objectType: 2, rateIndex: 3 } }],
    ['LC with what ffmpeg puts behind it', '121056e500', { codecString: 'mp4a.40.2', sampleRateHz: 44_100, channelCount: 2 }],
    ['5.1', '1230', { sampleRateHz: 44_100, channelCount: 6, adts: { channelConfiguration: 6 } }],
    ['7.1', '123856e500', { sampleRateHz: 44_100, channelCount: 8, adts: { channelConfiguration: 7 } }],
    [
      'HE-AAC that says so first',
      '2b920800',
      { codecString: 'mp4a.40.5', sampleRateHz: 44_100, coreSampleRateHz: 22_050, objectType: 2, adts: { objectType: 2, rateIndex: 7 } },
    ],
    [
      'HE-AAC that says so at the end',
      '139056e5a0',
      { codecString: 'mp4a.40.2', sampleRateHz: 44_100, coreSampleRateHz: 22_050, adts: { rateIndex: 7 } },
    ],
    ['HE-AAC v2', 'eb8a1000', { codecString: 'mp4a.40.29', sampleRateHz: 44_100, channelCount: 2, adts: { channelConfiguration: 1 } }],
    ['a rate that is written out', '17805dc010', { sampleRateHz: 48_000, channelCount: 2, adts: { rateIndex: 3 } }],
  ])('reads %s', (_name, configuration, expected) => {
    expect(parseAacConfiguration(hex(configuration))).toMatchObject({ codec: 'aac', samplesPerFrame: 1024, ...expected });
  });

  it.each([
    ['960 samples', '1194'],
    ['7.1 by its later number', '11e0'],
    ['a rate without a number', '178061a810'],
  ])('knows that ADTS cannot say %s', (_name, configuration) => {
    expect(parseAacConfiguration(hex(configuration)).adts).toBeUndefined();
  });

  it.each(['', '11', '1180', '1680', 'ffffffff', '17800000'])('refuses "%s"', (configuration) => {
    expect(() => parseAacConfiguration(hex(configuration))).toThrow(INVALID);
  });
});

describe(parseOpusConfiguration, () => {
  it('reads OpusHead and dOps alike, and writes the latter', () => {
    for (const head of [written.OPUS_HEAD, written.OPUS_HEAD_51]) {
      const format = parseOpusConfiguration(head);
      expect(format).toMatchObject({ codecString: 'opus', sampleRateHz: 48_000, channelCount: head[9] });
      expect(parseOpusConfiguration(format.dops)).toEqual(format);
      const dops = Buffer.from(format.dops);
      expect([dops[0], dops.readUInt16BE(2), dops.readUInt32BE(4)]).toEqual([0, 0x138, 48_000]);
    }
  });

  it.each(['', '4f70757348656164', '4f70757348656164010338018', '0003013800000bb80000', '00000138000000bb80000000'])(
    'refuses "%s"',
    (configuration) => {
      expect(() => parseOpusConfiguration(hex(configuration))).toThrow(INVALID);
    },
  );

  it.each([
    ['fc', 960],
    ['08', 960],
    ['7801', 960],
    ['0301', 480],
    ['ff06', 5760],
    ['ff07', null],
    ['ff', null],
    ['', null],
  ])('knows how long the packet %s is', (packet, samples) => {
    expect(opusPacketSamples(hex(packet))).toBe(samples);
  });
});

describe('sound configurations', () => {
  it('throw nothing but coded errors on any bytes', () => {
    const next = seededRandom(5);
    for (let round = 0; round < 20_000; round++) {
      const bytes = Buffer.from(Array.from({ length: Math.floor(next() * 24) }, () => Math.floor(next() * 256)));
      const parse = round % 2 === 0 ? parseAacConfiguration : parseOpusConfiguration;
      try {
        const { sampleRateHz, channelCount } = parse(round % 4 === 1 ? Buffer.concat([Buffer.from('OpusHead'), bytes]) : bytes);
        expect(sampleRateHz * channelCount).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toEqual(INVALID);
      }
    }
  });
});

describe('what frames say themselves', () => {
  it.each([
    ['fffb9064', { sampleRateHz: 44_100, channelCount: 2, samplesPerFrame: 1152, sizeBytes: 417 }],
    ['fff384c4', { sampleRateHz: 24_000, channelCount: 1, samplesPerFrame: 576, sizeBytes: 192 }],
    ['fff1907c', null],
    ['fffbf064', null],
    ['fffb', null],
  ])('MP3: %s', (header, expected) => {
    expect(mp3HeaderAt(hex(header))).toEqual(expected && expect.objectContaining(expected));
  });

  it('VP9: the size of a keyframe', () => {
    expect(vp9KeyframeSize(hex('824983420014100b560838'))).toEqual(size);
    expect(vp9KeyframeSize(hex('8600400092'))).toBeNull();
    expect(vp9KeyframeSize(hex('824983'))).toBeNull();
    expect(vp9KeyframeSize(Buffer.alloc(0))).toBeNull();
  });

  it('AV1: the sequence header, also behind others, and no OBU beyond the end', () => {
    const header = written.AV1_CONFIGURATION.subarray(4);
    const found = sequenceHeaderOf(Buffer.concat([hex('1200'), header, hex('320100')]))!;
    expect(found.whole).toEqual(header);
    expect(av1Size(found.payload)).toEqual(size);
    expect(sequenceHeaderOf(hex('1200320100'))).toBeUndefined();
    expect(() => sequenceHeaderOf(hex('120032ff'))).toThrow(RangeError);
    expect(() => sequenceHeaderOf(hex('32ffffffffffffffffff'))).toThrow(RangeError);
  });
});
