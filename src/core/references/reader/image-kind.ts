import { brandError } from '../../errors/brand.errors.js';

export type ImageKind = 'image/png' | 'image/jpeg' | 'image/webp' | 'image/svg+xml';

const startsWith = (bytes: Buffer, hex: string, at = 0): boolean => bytes.subarray(at, at + hex.length / 2).equals(Buffer.from(hex, 'hex'));
const SVG_ROOT = /<(?:\w{1,20}:)?svg[\s>/]/iy;
/** What may stand before the root, by how it begins and ends; a DOCTYPE too, which is refused later, by name. */
const PROLOGUE: readonly (readonly [begin: RegExp, end: RegExp])[] = [
  [/\s+/y, /(?:)/y],
  [/<\?/y, /\?>/g],
  [/<!--/y, /-->/g],
  [/<!DOCTYPE[^>[]*\[/iy, /\]\s*>/g],
  [/<!DOCTYPE[^>[]*/iy, />/g],
];

/** Tells what an image is by its first bytes; its name and declared type count for nothing. @throws VD_BRAND_IMAGE_UNREADABLE */
export function imageKind(bytes: Buffer): ImageKind {
  if (startsWith(bytes, '89504e470d0a1a0a')) return 'image/png';
  if (startsWith(bytes, 'ffd8ff')) return 'image/jpeg';
  if (startsWith(bytes, '52494646') && startsWith(bytes, '57454250', 8)) return 'image/webp';
  if (isSvg(bytes.toString('utf8', 0, 64 * 1024))) return 'image/svg+xml';
  throw brandError('VD_BRAND_IMAGE_UNREADABLE', `The body is ${whatElse(bytes)}, not PNG, JPEG, WebP or SVG.`);
}

/** Step by step, never back: one expression for all of it would try every way to split the text. */
function isSvg(text: string): boolean {
  for (let at = text.startsWith('\uFEFF') ? 1 : 0; ;) {
    if (endOf(SVG_ROOT, text, at) !== null) return true;
    const next = PROLOGUE.map(([begin, end]) => endOf(end, text, endOf(begin, text, at))).find((found) => found !== null);
    if (next === undefined || next === null) return false;
    at = next;
  }
}

function endOf(pattern: RegExp, text: string, from: number | null): number | null {
  if (from === null) return null;
  pattern.lastIndex = from;
  return pattern.test(text) ? pattern.lastIndex : null;
}

function whatElse(bytes: Buffer): string {
  if (bytes.length === 0) return 'empty (the image itself is the request body, with a Content-Type of image/…)';
  if (startsWith(bytes, '2d2d')) return 'a form (the image itself is the request body: curl --data-binary @logo.png, not -F)';
  if (startsWith(bytes, '47494638')) return 'a GIF';
  if (startsWith(bytes, '25504446')) return 'a PDF';
  if (startsWith(bytes, '1f8b')) return 'gzip (an .svgz is to be unpacked first)';
  if (startsWith(bytes, 'fffe') || startsWith(bytes, 'feff')) return 'UTF-16 text';
  return `something else (${bytes.length} bytes)`;
}
