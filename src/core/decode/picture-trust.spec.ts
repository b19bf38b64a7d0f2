import { describe, expect, it } from 'vitest';
import { AccessUnit } from './segment/index.js';
import { PictureTrust } from './picture-trust.js';

/** `K` keyframe, `p` other picture; upper and lower case `X`, `x` the same with packets missing. */
const units = (kinds: string, pts = [...kinds].map((_, i) => i)): AccessUnit[] =>
  [...kinds].map(
    (kind, i) =>
      new AccessUnit(Buffer.alloc(0), [], (pts[i]! * 3600) % 2 ** 33, i * 3600, kind === 'K' || kind === 'X', kind === 'X' || kind === 'x'),
  );
const sound = (trust: PictureTrust, count: number): string =>
  Array.from({ length: count }, (_, i) => (trust.isSound(i) ? '+' : '-')).join('');

describe(PictureTrust.name, () => {
  it.each([
    ['KppKpp', '++++++'],
    ['KpxppKpp', '++---+++'],
    ['KppXppKp', '+++---++'],
    ['XppKpp', '---+++'],
    ['pppKpp', '---+++'],
    ['ppxpKp', '----++'],
  ])('of %s trusts %s', (kinds, expected) => {
    expect(sound(new PictureTrust('h264', units(kinds)), kinds.length)).toBe(expected);
  });

  it('distrusts what follows a picture that the decoder found damaged, up to the next keyframe', () => {
    const trust = new PictureTrust('h264', units('KpppKpp'));
    trust.distrustFrom(2);
    expect(sound(trust, 7)).toBe('++--+++');
    trust.distrustFrom(4);
    expect(sound(trust, 7)).toBe('++-----');
  });

  it('distrusts pictures that lean on the segment before', () => {
    // I2 B0 B1 P5 B3 B4 P6, the first two shown before the keyframe.
    expect(sound(new PictureTrust('h264', units('Kpppppp', [2, 0, 1, 5, 3, 4, 6])), 7)).toBe('+--++++');
    expect(sound(new PictureTrust('hevc', units('Kpppppp', [2, 0, 1, 5, 3, 4, 6])), 7)).toBe('+++++++');
  });

  it('is not misled by a clock that wraps', () => {
    const wrap = 2 ** 33 / 3600;
    expect(sound(new PictureTrust('h264', units('Kpp', [wrap - 1, wrap, wrap + 1])), 3)).toBe('+++');
  });

  it('trusts nothing that is not there', () => {
    expect(new PictureTrust('h264', []).isSound(0)).toBe(false);
  });
});
