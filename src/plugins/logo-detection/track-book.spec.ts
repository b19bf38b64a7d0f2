import { describe, expect, it } from 'vitest';
import { affine } from './homography.js';
import type { Sample, Sighting } from './sighting.js';
import { TrackBook } from './track-book.js';
import type { Verified } from './verification.js';

const STEP_US = 400_000;
const found = (x: number, score = 0.9, key = 'ref#0'): Verified =>
  ({
    look: { key, subjectId: 'b' },
    slantIndex: 0,
    pose: affine(50, 0, x, 0, 50, 100),
    bounds: { x0: x - 25, y0: 75, x1: x + 25, y1: 125 },
    score,
    netScore: 0.8,
    correlation: 0.9,
    clarity: 0.5,
  }) as Verified;
const sighting = (track: number, x: number, score = 0.9): Sighting => ({
  track,
  subjectId: 'b',
  referenceId: 'r',
  label: 'B',
  box: [x - 25, 75, x + 25, 125],
  score,
  clarity: 0.5,
  interpolated: false,
});

function followed(xs: readonly number[], score = 0.9): { book: TrackBook; id: number } {
  const book = new TrackBook(1_000_000, [], 1);
  const track = book.begin(found(xs[0]!, score), 0);
  xs.forEach((x, i) => {
    book.move(track, found(x, score), i * STEP_US);
    book.credit(track, score);
  });
  return { book, id: track.id };
}

describe(TrackBook.name, () => {
  it('takes a single sighting for less than several', () => {
    const [once, often] = [followed([100]), followed([100, 110, 120])];
    expect(once.book.judged(sighting(once.id, 100))).toBeLessThan(often.book.judged(sighting(often.id, 100)));
  });

  it('lifts a weak frame of a sure track, but not as high as a strong one', () => {
    const { book, id } = followed([100, 110, 120]);
    const weak = book.judged(sighting(id, 100, 0.3));
    expect(weak).toBeGreaterThan(0.5);
    expect(weak).toBeLessThan(book.judged(sighting(id, 100, 0.9)));
  });

  it('bridges a short gap by boxes between, marked as such', () => {
    const { book, id } = followed([100, 110, 120, 130]);
    const samples: Sample[] = [0, 1, 2].map((i) => ({ ptsUs: i * STEP_US, sightings: i === 1 ? [] : [sighting(id, 100 + i * 20)] }));
    book.bridge(samples);
    expect(samples[1]!.sightings).toMatchObject([{ interpolated: true, box: [95, 75, 145, 125] }]);
  });

  it('bridges a long gap only for what stood still', () => {
    const gap = (xs: readonly number[], back: number): number => {
      const { book, id } = followed(xs);
      const samples: Sample[] = Array.from({ length: 7 }, (_, i) => ({
        ptsUs: i * STEP_US,
        sightings: i === 0 ? [sighting(id, 100)] : i === 6 ? [sighting(id, back)] : [],
      }));
      book.bridge(samples);
      return samples.filter(({ sightings }) => sightings.length > 0).length;
    };
    expect(gap([100, 100, 100, 100], 100)).toBe(7);
    expect(gap([100, 130, 160, 190], 100)).toBe(2);
    expect(gap([100, 100, 100, 100], 200)).toBe(2);
  });

  it('resumes a track of the same look at the same place only', () => {
    const { book, id } = followed([100, 100, 100]);
    expect(book.resume(found(104), 4 * STEP_US)?.id).toBe(id);
    expect(book.resume(found(300), 4 * STEP_US)).toBeUndefined();
    expect(book.resume(found(104, 0.9, 'other#0'), 4 * STEP_US)).toBeUndefined();
  });

  it('forgets what moved away soon, what stood still later, and holds few at most', () => {
    const [moving, still] = [followed([100, 150, 200]), followed([100, 100, 100])];
    for (const { book } of [moving, still]) book.prune(8 * STEP_US, []);
    expect(moving.book.all).toHaveLength(0);
    expect(still.book.all).toHaveLength(1);
    still.book.prune(60 * STEP_US, []);
    expect(still.book.all).toHaveLength(0);
    const book = new TrackBook(1_000_000, [], 1);
    for (let i = 0; i < 200; i++) book.credit(book.begin(found(i), 0), 0.5);
    expect(book.all.length).toBeLessThanOrEqual(60);
  });
});
