import { describe, expect, it } from 'vitest';
import { aStream, anEpoch } from '../../testing/wire-samples';
import { describeStream } from './stream-text';

describe(describeStream.name, () => {
  it('says codec and size as far as known', () => {
    expect(describeStream(aStream())).toBe('H.264 1280×720');
    expect(describeStream(aStream({ epoch: anEpoch({ videoCodec: 'hevc', widthPx: null }) }))).toBe('HEVC');
    expect(describeStream(aStream({ epoch: null }))).toBe('rtmp');
  });
});
