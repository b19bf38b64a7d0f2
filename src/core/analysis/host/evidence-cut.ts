import type { RgbPicture } from '../../decode/held-pictures.js';
import { Box, RESULT_LIMITS, type Box01, type EvidencePicture } from '../../plugin-api/index.js';

const QUALITY = 80;
/** Shown around the box on each side: a share of its longer side, and pixels at least. */
const MARGIN_SHARE = 0.35;
const LEAST_MARGIN_PX = 48;

/**
 * Cuts a box out of a picture, with some of what is around it.
 * @throws VD_ANALYSIS_PICTURE_SIZE
 */
export async function cutEvidence(picture: RgbPicture, box: Box01): Promise<EvidencePicture> {
  const area = around(picture, box);
  // Loaded where it is needed: most hosts never write a picture.
  const { writeJpeg } = await import('./jpeg-writer.js');
  const { jpeg, widthPx, heightPx } = await writeJpeg(cropOf(picture, area), {
    quality: QUALITY,
    maxBytes: RESULT_LIMITS.evidenceBytes,
    maxSidePx: RESULT_LIMITS.evidenceSidePx,
  });
  const region = Box.from01(
    area.x / picture.widthPx,
    area.y / picture.heightPx,
    area.widthPx / picture.widthPx,
    area.heightPx / picture.heightPx,
  );
  return { jpegBase64: Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength).toString('base64'), widthPx, heightPx, region };
}

interface Area {
  readonly x: number;
  readonly y: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** In whole pixels, within the picture, never empty. */
export function around({ widthPx, heightPx }: Pick<RgbPicture, 'widthPx' | 'heightPx'>, box: Box01): Area {
  const [x0, y0] = [box.x * widthPx, box.y * heightPx];
  const [x1, y1] = [x0 + box.width * widthPx, y0 + box.height * heightPx];
  const margin = Math.max(LEAST_MARGIN_PX, MARGIN_SHARE * Math.max(x1 - x0, y1 - y0));
  const within = (value: number, limit: number): number => Math.min(limit, Math.max(0, value));
  const [left, top] = [within(Math.floor(x0 - margin), widthPx - 1), within(Math.floor(y0 - margin), heightPx - 1)];
  const [right, bottom] = [within(Math.ceil(x1 + margin), widthPx), within(Math.ceil(y1 + margin), heightPx)];
  return { x: left, y: top, widthPx: Math.max(1, right - left), heightPx: Math.max(1, bottom - top) };
}

function cropOf({ rgb, widthPx }: RgbPicture, area: Area): RgbPicture {
  const rowBytes = area.widthPx * 3;
  const cropped = new Uint8Array(rowBytes * area.heightPx);
  for (let row = 0; row < area.heightPx; row++) {
    const from = ((area.y + row) * widthPx + area.x) * 3;
    cropped.set(rgb.subarray(from, from + rowBytes), row * rowBytes);
  }
  return { rgb: cropped, widthPx: area.widthPx, heightPx: area.heightPx };
}
