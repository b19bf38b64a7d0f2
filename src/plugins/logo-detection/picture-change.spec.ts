import { describe, expect, it } from 'vitest';
import { GrayPyramid } from './gray-pyramid.js';
import { isCut, tilesOf } from './picture-change.js';

const picture = (at: (x: number, y: number) => number): Uint8Array =>
  tilesOf(
    new GrayPyramid({
      data: Uint8Array.from({ length: 320 * 180 }, (_, i) => at(i % 320, Math.floor(i / 320))),
      widthPx: 320,
      heightPx: 180,
    }),
  );
const scene = (x: number, y: number): number => 120 + 60 * Math.sin(x / 40) + 40 * Math.cos(y / 25);

describe(isCut.name, () => {
  it('is none when the picture gets darker, moves a little or is grainy', () => {
    expect(
      isCut(
        picture(scene),
        picture((x, y) => scene(x, y) * 0.6),
      ),
    ).toBe(false);
    expect(
      isCut(
        picture(scene),
        picture((x, y) => scene(x + 12, y)),
      ),
    ).toBe(false);
    expect(
      isCut(
        picture(scene),
        picture((x, y) => scene(x, y) + ((x * 7 + y * 13) % 9)),
      ),
    ).toBe(false);
  });

  it('is one when another picture follows, or black ends', () => {
    expect(
      isCut(
        picture(scene),
        picture((x, y) => 120 + 70 * Math.cos(x / 23 + 2) * Math.sin(y / 50)),
      ),
    ).toBe(true);
    expect(
      isCut(
        picture(() => 16),
        picture(scene),
      ),
    ).toBe(true);
  });

  it('is none between two blank pictures', () => {
    expect(
      isCut(
        picture(() => 16),
        picture(() => 17),
      ),
    ).toBe(false);
  });
});
