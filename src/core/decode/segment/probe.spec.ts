import { describe, expect, it } from 'vitest';
import { AUDIO, slice, transportStream, VIDEO } from '../../../../test/support/media/transport-stream.js';
import { ticksToPtsUs } from '../../plugin-api/index.js';
import { probeSegment } from './probe.js';
import { unwrapTicks } from './ticks.js';

const IDR = 0x65;
const P = 0x41;
const stream = (ticks: readonly number[], keys: readonly number[] = [0]) =>
  transportStream(ticks.map((ptsTicks, index) => ({ ptsTicks, data: slice(keys.includes(index) ? IDR : P) })));

describe('probeSegment', () => {
  it('measures from the earliest picture to the end of the latest, whatever the order of decoding', () => {
    const facts = probeSegment(stream([7200, 18_000, 10_800, 14_400, 21_600], [0, 4]));
    expect(facts).toMatchObject({
      ptsStartUs: 80_000,
      ptsEndUs: 280_000,
      frameCount: 5,
      keyframePtsUs: [80_000, 240_000],
      videoCodec: 'h264',
      audioCodec: null,
    });
  });

  it('ends where the next segment of a steady 30 frames per second in whole milliseconds begins', () => {
    const ms = Array.from({ length: 60 }, (_, index) => Math.round((index * 1000) / 30) * 90);
    expect(Math.abs(probeSegment(stream(ms)).ptsEndUs - 2_000_000)).toBeLessThan(500);
  });

  it('gives the last picture of a variable frame rate the usual length', () => {
    expect(probeSegment(stream([0, 3600, 7200, 10_800, 90_000])).ptsEndUs).toBe(ticksToPtsUs(93_600));
  });

  it('counts on where the clock wraps within a segment, and from one to the next', () => {
    const start = 2 ** 33 - 3600;
    const wrapping = probeSegment(stream([start, 0, 3600]));
    expect(wrapping).toMatchObject({ ptsStartUs: ticksToPtsUs(start), ptsEndUs: ticksToPtsUs(2 ** 33 + 7200) });
    expect(probeSegment(stream([7200, 10_800]), wrapping.ptsEndUs).ptsStartUs).toBe(wrapping.ptsEndUs);
  });

  it('measures audio alone by its own clock and counts no pictures', () => {
    const units = [0, 1920, 3840].map((ptsTicks) => ({ pid: AUDIO, ptsTicks, data: Buffer.from([0xff, 0xf1]) }));
    const facts = probeSegment(
      transportStream(units, [
        [0x1b, VIDEO],
        [0x0f, AUDIO],
      ]),
    );
    expect(facts).toMatchObject({ frameCount: 0, keyframePtsUs: [], videoCodec: null, audioCodec: 'aac', ptsStartUs: 0, ptsEndUs: 64_000 });
  });
});

describe('unwrapTicks', () => {
  it.each([
    [5, 2 ** 33 - 10, 2 ** 33 + 5],
    [2 ** 33 - 10, 2 ** 33 + 5, 2 ** 33 - 10],
    [100, 3 * 2 ** 33, 3 * 2 ** 33 + 100],
    [2 ** 33 - 1, 0, -1],
    [42, 40, 42],
  ])('takes raw %d near %d as %d', (raw, reference, expected) => {
    expect(unwrapTicks(raw, reference)).toBe(expected);
  });
});
