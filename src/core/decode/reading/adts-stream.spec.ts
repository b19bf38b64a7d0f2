import { describe, expect, it } from 'vitest';
import { parseAacConfiguration, writeAdtsHeader } from '../codec/index.js';
import { adtsFrame } from './adts-stream.js';

const framed = (parameters: { objectType: number; rateIndex: number; channelConfiguration: number }, data: Buffer): Buffer => {
  const frame = Buffer.concat([Buffer.alloc(7), data]);
  writeAdtsHeader(frame, 0, parameters, frame.length);
  return frame;
};
const data = Buffer.from([1, 2, 3]);

describe(adtsFrame.name, () => {
  it('takes the header off and says what it says', () => {
    const frame = adtsFrame(framed({ objectType: 2, rateIndex: 4, channelConfiguration: 2 }, data))!;
    expect(frame.data).toEqual(data);
    expect(parseAacConfiguration(frame.configuration)).toMatchObject({ objectType: 2, sampleRateHz: 44_100, channelCount: 2 });
  });

  it('takes a checksum off as well', () => {
    const frame = framed({ objectType: 2, rateIndex: 8, channelConfiguration: 1 }, Buffer.concat([Buffer.from([0xaa, 0xbb]), data]));
    frame.writeUInt8(0xf0, 1);
    expect(adtsFrame(frame)?.data).toEqual(data);
  });

  it('finds none in anything else', () => {
    expect(adtsFrame(Buffer.from([0x21, 0, 0, 0, 0, 0, 0, 0, 0]))).toBeUndefined();
    expect(adtsFrame(framed({ objectType: 2, rateIndex: 15, channelConfiguration: 2 }, data))).toBeUndefined();
    expect(adtsFrame(framed({ objectType: 2, rateIndex: 4, channelConfiguration: 0 }, data))).toBeUndefined();
    for (let end = 0; end <= 7; end++)
      expect(adtsFrame(framed({ objectType: 2, rateIndex: 4, channelConfiguration: 2 }, data).subarray(0, end))).toBeUndefined();
  });
});
