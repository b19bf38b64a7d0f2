import { inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
const RGBA = 6;
const CHANNELS = 4;

export interface Pixels {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Straight RGBA rows. */
  readonly rgba: Uint8Array;
}

/**
 * The pixels of a PNG that the library wrote itself: 8-bit RGBA, not interlaced. Workers load the library with this, without a
 * native image library in their process.
 */
export function readOwnPng(png: Buffer): Pixels {
  if (!png.subarray(0, 8).equals(SIGNATURE)) throw new Error('Not a PNG');
  const data: Buffer[] = [];
  let header: Buffer | undefined;
  for (let at = 8; at + 12 <= png.length;) {
    const sizeBytes = png.readUInt32BE(at);
    const type = png.toString('latin1', at + 4, at + 8);
    const body = png.subarray(at + 8, at + 8 + sizeBytes);
    if (type === 'IHDR') header = body;
    if (type === 'IDAT') data.push(body);
    at += 12 + sizeBytes;
  }
  if (header === undefined || header.length < 13) throw new Error('The PNG has no header');
  const [widthPx, heightPx] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  if (header[8] !== 8 || header[9] !== RGBA || header[12] !== 0) throw new Error('The PNG is not of the kind that the library writes');
  const rowBytes = widthPx * CHANNELS;
  const filtered = inflateSync(Buffer.concat(data), { maxOutputLength: (rowBytes + 1) * heightPx });
  if (filtered.length !== (rowBytes + 1) * heightPx) throw new Error('The PNG is cut off');
  return { widthPx, heightPx, rgba: unfiltered(filtered, rowBytes, heightPx) };
}

function unfiltered(filtered: Buffer, rowBytes: number, rows: number): Uint8Array {
  const out = new Uint8Array(rowBytes * rows);
  for (let row = 0; row < rows; row++) {
    const filter = filtered[row * (rowBytes + 1)] ?? 0;
    const from = row * (rowBytes + 1) + 1;
    const to = row * rowBytes;
    for (let i = 0; i < rowBytes; i++) {
      const left = i < CHANNELS ? 0 : out[to + i - CHANNELS]!;
      const up = row === 0 ? 0 : out[to + i - rowBytes]!;
      const corner = row === 0 || i < CHANNELS ? 0 : out[to + i - rowBytes - CHANNELS]!;
      out[to + i] = filtered[from + i]! + predicted(filter, left, up, corner);
    }
  }
  return out;
}

/** The five filters of PNG. */
function predicted(filter: number, left: number, up: number, corner: number): number {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  const estimate = left + up - corner;
  const [toLeft, toUp, toCorner] = [Math.abs(estimate - left), Math.abs(estimate - up), Math.abs(estimate - corner)];
  return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
}
