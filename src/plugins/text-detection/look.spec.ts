import { describe, expect, it } from 'vitest';
import { hasNewPart, isOtherShot, isOtherText, type Look } from './look.js';

/** Letters of six columns: each has strokes of its own. */
const STROKES = [0b101010, 0b111000, 0b100011, 0b011110, 0b110110];
function lookOf(letters: readonly number[], { light = 220, dark = 30, noise = 0 } = {}): Look {
  const columns = letters.length * 6;
  let seed = 7;
  const random = (): number => (seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  const luma = Uint8Array.from({ length: columns * 12 }, (_, i) => {
    const [x, y] = [i % columns, Math.floor(i / columns)];
    const isInk = ((STROKES[letters[Math.floor(x / 6)]!]! >> (x % 6)) & 1) === 1 && (y + (x >> 1)) % 4 !== 0;
    return (isInk ? light : dark) + (random() - 0.5) * noise;
  });
  return { columns, luma };
}

describe(isOtherText.name, () => {
  const before = lookOf([0, 1, 2, 3, 4, 0, 1, 2]);

  it('sees one letter of eight change', () => {
    expect(isOtherText(before, lookOf([0, 1, 2, 3, 4, 0, 1, 3]))).toBe(true);
    expect(isOtherText(before, lookOf([0, 1, 4, 3, 4, 0, 1, 2]))).toBe(true);
  });

  it('sees none in what an encoder or a fade does', () => {
    expect(isOtherText(before, lookOf([0, 1, 2, 3, 4, 0, 1, 2], { noise: 40 }))).toBe(false);
    expect(isOtherText(before, lookOf([0, 1, 2, 3, 4, 0, 1, 2], { light: 150, dark: 60 }))).toBe(false);
  });

  it('sees text go, and come', () => {
    const plain = lookOf([0, 0, 0, 0, 0, 0, 0, 0], { light: 30, dark: 30 });
    expect(isOtherText(before, plain)).toBe(true);
    expect(isOtherText(plain, before)).toBe(true);
    expect(isOtherText(plain, plain)).toBe(false);
  });
});

describe(isOtherShot.name, () => {
  const scene = (fill: (x: number, y: number) => number): Look => ({
    columns: 32,
    luma: Uint8Array.from({ length: 32 * 18 }, (_, i) => fill(i % 32, Math.floor(i / 32))),
  });
  const left = scene((x) => 250 - x * 7);

  it('sees another picture, and none in another exposure', () => {
    expect(
      isOtherShot(
        left,
        scene((x) => x * 7),
      ),
    ).toBe(true);
    expect(
      isOtherShot(
        left,
        scene((x) => 120 - x * 3),
      ),
    ).toBe(false);
  });

  it('sees a picture come out of black, and none in black itself', () => {
    const black = scene(() => 16);
    expect(isOtherShot(black, left)).toBe(true);
    expect(isOtherShot(left, black)).toBe(true);
    expect(
      isOtherShot(
        black,
        scene(() => 17),
      ),
    ).toBe(false);
  });
});

describe(hasNewPart.name, () => {
  const scene = (fill: (x: number, y: number) => number): Look => ({
    columns: 32,
    luma: Uint8Array.from({ length: 32 * 18 }, (_, i) => fill(i % 32, Math.floor(i / 32))),
  });
  const before = scene((x) => 100 + x);

  it('sees a title come up, and none where all of the picture moves or flickers', () => {
    expect(
      hasNewPart(
        before,
        scene((x, y) => (y > 14 && x < 12 ? 220 : 100 + x)),
      ),
    ).toBe(true);
    expect(
      hasNewPart(
        before,
        scene((x) => 130 + ((x * 7) % 23)),
      ),
    ).toBe(false);
    expect(
      hasNewPart(
        before,
        scene((x, y) => (x === 3 && y === 3 ? 250 : 100 + x)),
      ),
    ).toBe(false);
    expect(
      hasNewPart(
        before,
        scene((x) => 108 + x),
      ),
    ).toBe(false);
  });
});
