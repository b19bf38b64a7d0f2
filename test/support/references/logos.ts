import sharp from 'sharp';

/** A made-up logo: blocks on an 8 x 8 grid, drawn by the seed, so that two seeds look nothing alike. */
export function logoSvg(
  seed: number,
  options: { readonly fill?: string; readonly background?: string; readonly sizePx?: number } = {},
): string {
  const { fill = '#102030', background, sizePx = 160 } = options;
  const random = seededRandom(seed);
  const cells = Array.from({ length: 64 }, (_, cell) => ({ x: cell % 8, y: cell >> 3, on: random() < 0.5 })).filter(
    ({ on, x, y }) => on || x === y,
  );
  const blocks = cells.map(({ x, y }) => `<rect x="${x * 10}" y="${y * 10}" width="10" height="10"/>`).join('');
  const plate = background === undefined ? '' : `<rect x="-10" y="-10" width="100" height="100" fill="${background}"/>`;
  return (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-10 -10 100 ' +
    `100" width="${sizePx}" height="${sizePx}">${plate}<g fill="${fill}">${blocks}</g></svg>`
  );
}

export const logoPng = (seed: number, options: Parameters<typeof logoSvg>[1] = {}): Promise<Buffer> =>
  sharp(Buffer.from(logoSvg(seed, options)))
    .png()
    .toBuffer();

/** 0 to 1, the same row for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
