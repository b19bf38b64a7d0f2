import { readFile } from 'node:fs/promises';
import { FrameScaler } from '../../../src/core/decode/frame-scaler.js';
import { demuxSegment } from '../../../src/core/decode/segment/index.js';
import { VideoDecoder } from '../../../src/core/decode/video-decoder.js';

/** A box in the displayed picture, from 0 to 1. */
export interface BrightBox {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const SIDE_PX = 200;
const BRIGHT = 160;

/**
 * Where the bright part of the first picture of a segment is, as an analyzer sees it: decoded and letterboxed by what analysis decodes
 * with, and the letterbox undone.
 * @param initialization of an fMP4 segment
 */
export async function brightBox(path: string, initialization?: string): Promise<BrightBox & { readonly aspect: number }> {
  const files = initialization === undefined ? [path] : [initialization, path];
  const { video } = demuxSegment(Buffer.concat(await Promise.all(files.map((file) => readFile(file)))));
  const decoder = new VideoDecoder(video!.codec);
  const scaler = new FrameScaler({ widthPx: SIDE_PX, heightPx: SIDE_PX, fit: 'letterbox', format: 'gray8' });
  try {
    for (const { av } of decoder.pictures(video!.units, [0])) {
      const { data, fit } = scaler.scale(av, 0);
      const { frameWidthPx, offsetXPx, offsetYPx, contentWidthPx, contentHeightPx } = fit;
      const [columns, rows]: [number[], number[]] = [[], []];
      for (let y = 0; y < contentHeightPx; y++) {
        for (let x = 0; x < contentWidthPx; x++) {
          if (data[(y + offsetYPx) * frameWidthPx + x + offsetXPx]! < BRIGHT) continue;
          columns.push(x);
          rows.push(y);
        }
      }
      const share = (positions: number[], size: number): [number, number] => [
        Math.min(...positions) / size,
        (Math.max(...positions) + 1) / size,
      ];
      const [[left, right], [top, bottom]] = [share(columns, contentWidthPx), share(rows, contentHeightPx)];
      return { left, top, right, bottom, aspect: contentWidthPx / contentHeightPx };
    }
    throw new Error(`${path} has no picture`);
  } finally {
    scaler.close();
    decoder.close();
  }
}
