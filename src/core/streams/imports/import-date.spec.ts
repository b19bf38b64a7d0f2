import { describe, expect, it } from 'vitest';
import { placeRecording } from './import-date.js';

const NOW_MS = 1_000_000;
const place = (startedAtMs: number | null, taken: [number, number][], durationMs = 10_000): number =>
  placeRecording(
    { startedAtMs, durationMs, nowMs: NOW_MS },
    taken.map(([from, to]) => ({ startedAtMs: from, endedAtMs: to })),
  );

describe(placeRecording, () => {
  it('is where it was recorded', () => {
    expect(
      place(500_000, [
        [0, 500_000],
        [510_000, 600_000],
      ]),
    ).toBe(500_000);
  });

  it('refuses a time that is taken', () => {
    expect(() => place(500_000, [[505_000, 506_000]])).toThrow(expect.objectContaining({ code: 'VD_IMPORT_OVERLAPS' }));
    expect(() => place(500_000, [[400_000, 503_000]])).toThrow(expect.objectContaining({ code: 'VD_IMPORT_OVERLAPS' }));
  });

  it('moves a recording by less than clocks of cameras tell, where there is room', () => {
    expect(place(500_000, [[400_000, 501_500]])).toBe(501_500);
    expect(() =>
      place(500_000, [
        [400_000, 501_500],
        [505_000, 506_000],
      ]),
    ).toThrow(expect.objectContaining({ code: 'VD_IMPORT_OVERLAPS' }));
  });

  it('ends now where nobody knows when it was, and before what is there', () => {
    expect(place(null, [])).toBe(NOW_MS - 10_000);
    expect(place(null, [[985_000, 995_000]])).toBe(975_000);
    expect(
      place(null, [
        [985_000, 995_000],
        [970_000, 980_000],
      ]),
    ).toBe(960_000);
    expect(
      place(null, [
        [985_000, 995_000],
        [900_000, 970_000],
      ]),
    ).toBe(975_000);
  });
});
