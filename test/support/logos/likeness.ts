import sharp from 'sharp';

const SIDE_PX = 48;

interface Part {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A drawn logo as light on dark, in whatever shape its box has. @param turnedBy radians, clockwise */
export async function silhouette(svg: string, turnedBy = 0): Promise<Uint8Array> {
  const drawn = await sharp(Buffer.from(svg.replace('<svg ', '<svg fill="#ffffff" ')))
    .resize(256)
    .rotate((turnedBy * 180) / Math.PI, { background: '#00000000' })
    .png()
    .toBuffer();
  return sharp(drawn).flatten({ background: '#000000' }).greyscale().resize(SIDE_PX, SIDE_PX, { fit: 'fill' }).raw().toBuffer();
}

/** The grey of a part of a picture, 0..1 of its sides, in the shape of a silhouette. */
export async function greyOf(picture: Buffer, { x, y, width, height }: Part): Promise<Uint8Array> {
  const image = sharp(picture);
  const { width: widthPx, height: heightPx } = await image.metadata();
  const [left, top] = [Math.max(0, Math.round(x * widthPx)), Math.max(0, Math.round(y * heightPx))];
  const area = {
    left,
    top,
    width: Math.min(widthPx - left, Math.round(width * widthPx)),
    height: Math.min(heightPx - top, Math.round(height * heightPx)),
  };
  return image.extract(area).greyscale().resize(SIDE_PX, SIDE_PX, { fit: 'fill' }).raw().toBuffer();
}

/** Correlation of two greys of one shape, -1..1: the sign says whether light stands for light. */
export function likeness(a: Uint8Array, b: Uint8Array): number {
  const mean = (grey: Uint8Array): number => grey.reduce((sum, level) => sum + level, 0) / grey.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [both, ofA, ofB] = [0, 0, 0];
  a.forEach((level, i) => {
    const [da, db] = [level - meanA, b[i]! - meanB];
    both += da * db;
    ofA += da * da;
    ofB += db * db;
  });
  return both / Math.sqrt(ofA * ofB);
}
