import { brandError } from '../../errors/brand.errors.js';

export type ImageKind = 'image/png' | 'image/jpeg' | 'image/webp' | 'image/svg+xml';

const startsWith = (bytes: Buffer, hex: string, at = 0): boolean => bytes.subarray(at, at + hex.length / 2).equals(Buffer.from(hex, 'hex'));
/** Comments, processing instructions and space may stand before the root; a DOCTYPE too, which is refused later, by name. */
const SVG_START = /^\uFEFF?(?:\s+|<\?[^>]{0,2000}\?>|<!--[\s\S]{0,20000}?-->|<!DOCTYPE[^>[]{0,2000}(?:\[[\s\S]{0,20000}?\])?\s*>)*<(?:\w{1,20}:)?svg[\s>/]/i;

/** Tells what an image is by its first bytes; its name and declared type count for nothing. @throws VD_BRAND_IMAGE_UNREADABLE */
export function imageKind(bytes: Buffer): ImageKind {
  if (startsWith(bytes, '89504e470d0a1a0a')) return 'image/png';
  if (startsWith(bytes, 'ffd8ff')) return 'image/jpeg';
  if (startsWith(bytes, '52494646') && startsWith(bytes, '57454250', 8)) return 'image/webp';
  if (SVG_START.test(bytes.toString('utf8', 0, 64 * 1024))) return 'image/svg+xml';
  throw brandError('VD_BRAND_IMAGE_UNREADABLE', `The body is ${whatElse(bytes)}, not PNG, JPEG, WebP or SVG.`);
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
