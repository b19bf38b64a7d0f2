import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import type { Frame } from '../../../src/core/plugin-api/index.js';

/** Of a package, so that the same letters are drawn on every machine. */
const FONT_FILE = fileURLToPath(import.meta.resolve('@fontsource-variable/geist/files/geist-latin-wght-normal.woff2'));

export const WIDTH_PX = 640;
export const HEIGHT_PX = 360;

export interface Placed {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  /** Height of its letters, about. */
  readonly sizePx: number;
  /** Degrees clockwise. */
  readonly turned?: number;
}

/** White text on a soft dark scene; `scene` chooses its light, so that two of them are different shots. */
export async function drawnText(
  at: number,
  texts: readonly Placed[],
  { scene = 1, fps = 2, keyframe = at % 4 === 0 }: { scene?: number; fps?: number; keyframe?: boolean } = {},
): Promise<Frame> {
  const layers = await Promise.all(
    texts.map(async ({ text, x, y, sizePx, turned = 0 }) => {
      const letters = await sharp({
        text: { text: `<span foreground="white">${text}</span>`, font: 'Geist', fontfile: FONT_FILE, rgba: true, dpi: sizePx * 10 },
      })
        .png()
        .toBuffer();
      const input = turned === 0 ? letters : await sharp(letters).rotate(turned, { background: '#0000' }).toBuffer();
      return { input, left: x, top: y };
    }),
  );
  const data = await sharp(ground(scene), { raw: { width: WIDTH_PX, height: HEIGHT_PX, channels: 3 } })
    .composite(layers)
    .removeAlpha()
    .raw()
    .toBuffer();
  const fit = { frameWidthPx: 640, frameHeightPx: 360, offsetXPx: 0, offsetYPx: 0, contentWidthPx: 640, contentHeightPx: 360 };
  const ptsUs = Math.round((at * 1_000_000) / fps);
  return { ptsUs, index: at, keyframe, widthPx: WIDTH_PX, heightPx: HEIGHT_PX, format: 'rgb24', data, fit };
}

function ground(scene: number): Uint8Array {
  const data = new Uint8Array(WIDTH_PX * HEIGHT_PX * 3);
  for (let y = 0, i = 0; y < HEIGHT_PX; y++) {
    for (let x = 0; x < WIDTH_PX; x++, i += 3) {
      const level = 60 + 30 * Math.sin(x / 120 + scene * 2.1) + 20 * Math.cos(y / 80 + scene * 4.7);
      data.set([level, level * 0.8, level * 1.1], i);
    }
  }
  return data;
}
