import { writeFile } from 'node:fs/promises';

/** Numbers that follow from the seed alone (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Writes a "dead leaves" picture as PPM: discs of all sizes over each other, radii by a power law, mostly greyish colours, fine
 * texture. Its edges, scales and contrasts are distributed as in photographs (Lee, Mumford and Huang 2001), and nothing has
 * to be downloaded for it.
 */
export async function writeDeadLeaves(path: string, seed: number, widthPx: number, heightPx: number): Promise<void> {
  const random = randomFrom(seed);
  const pixels = Buffer.alloc(widthPx * heightPx * 3, 128);
  const [least, most] = [4, heightPx / 3];
  for (let leaf = 0; leaf < 2500; leaf++) {
    const radius = 1 / Math.sqrt(1 / most ** 2 + random() * (1 / least ** 2 - 1 / most ** 2));
    const [x0, y0, grey] = [random() * widthPx, random() * heightPx, 20 + 215 * random()];
    const tint = random() < 0.3 ? 70 : 14;
    const colour = [0, 1, 2].map(() => grey + tint * (random() - 0.5) * 2);
    const shade = (random() - 0.5) * 0.8;
    for (let y = Math.max(0, Math.ceil(y0 - radius)); y < Math.min(heightPx, y0 + radius); y++) {
      const half = Math.sqrt(Math.max(0, radius ** 2 - (y - y0) ** 2));
      for (let x = Math.max(0, Math.ceil(x0 - half)); x < Math.min(widthPx, x0 + half); x++) {
        const light = shade * (y - y0) + 5 * (random() - 0.5);
        for (let channel = 0; channel < 3; channel++) {
          pixels[(y * widthPx + x) * 3 + channel] = Math.max(0, Math.min(255, Math.round(colour[channel]! + light)));
        }
      }
    }
  }
  await writeFile(path, Buffer.concat([Buffer.from(`P6 ${widthPx} ${heightPx} 255\n`), pixels]));
}
