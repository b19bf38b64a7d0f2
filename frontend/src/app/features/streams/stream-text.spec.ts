import { describe, expect, it } from 'vitest';
import { aStream, anEpoch } from '../../testing/wire-samples';
import { STREAM_NAME, describeStream, nameFromTitle } from './stream-text';

describe(nameFromTitle.name, () => {
  it.each(['Main stage', 'Café Zürich — Süd!', '  --x-- ', 'a'.repeat(200)])('makes of %j a name the server takes', (title) => {
    expect(nameFromTitle(title)).toMatch(STREAM_NAME);
  });
  it('keeps it readable', () => {
    expect(nameFromTitle('Café Zürich — Süd!')).toBe('cafe-zurich-sud');
  });
});

describe(describeStream.name, () => {
  it('says codec and size as far as known', () => {
    expect(describeStream(aStream())).toBe('H.264 1280×720');
    expect(describeStream(aStream({ epoch: anEpoch({ videoCodec: 'hevc', widthPx: null }) }))).toBe('HEVC');
    expect(describeStream(aStream({ epoch: null }))).toBe('rtmp');
  });
});
