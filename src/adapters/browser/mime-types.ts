import type { PageMimeType } from 'vedette/plugin';
import { browserError } from './errors.js';

export type Container = 'matroska' | 'mp4';

const copied = (mimeType: string): PageMimeType => ({ mimeType, isCopied: true });
const encoded = (mimeType: string): PageMimeType => ({ mimeType, isCopied: false });

/**
 * What pages may record, the best first: pictures that are kept as they come before those that are encoded anew here, and Matroska
 * before MP4, of which recorders give a piece only when a group of pictures is complete.
 */
export const PAGE_MIME_TYPES: readonly PageMimeType[] = [
  copied('video/x-matroska;codecs=avc1,opus'),
  copied('video/webm;codecs=h264,opus'),
  copied('video/mp4;codecs=avc1.42E01F,mp4a.40.2'),
  copied('video/mp4;codecs=avc1.42E01F,opus'),
  encoded('video/webm;codecs=vp8,opus'),
  encoded('video/webm;codecs=vp9,opus'),
  encoded('video/webm'),
  encoded('video/mp4'),
];

const CONTAINERS: Readonly<Record<string, Container>> = {
  'video/x-matroska': 'matroska',
  'video/webm': 'matroska',
  'video/mp4': 'mp4',
};

/**
 * The container that a recorder's type names. What is in it is told by its bytes: recorders add to what they were asked for.
 * @throws VD_BROWSER_TYPE_UNKNOWN
 */
export function containerOf(mimeType: string): Container {
  const container = CONTAINERS[mimeType.split(';', 1)[0]!.trim().toLowerCase()];
  if (container === undefined) {
    const known = Object.keys(CONTAINERS).join(', ');
    throw browserError('VD_BROWSER_TYPE_UNKNOWN', `${JSON.stringify(mimeType.slice(0, 100))} is none of ${known}`);
  }
  return container;
}
