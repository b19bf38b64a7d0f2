import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { apiError } from '../../errors/api.errors.js';
import { byteRange, type ByteRange } from './byte-range.js';
import type { OpenedSegment } from './open-segment.js';

const FRAGMENT_TYPE = 'video/mp4';
const TRANSPORT_TYPE = 'video/mp2t';
export const SEGMENT_TYPES = [TRANSPORT_TYPE, FRAGMENT_TYPE] as const;

/** The media type of a segment's file. */
export const segmentType = (name: string): string => (name.endsWith('.ts') ? TRANSPORT_TYPE : FRAGMENT_TYPE);

/** How long an answer may be kept. */
export const CACHING = {
  /** A name never stands for other bytes. */
  forGood: 'private, max-age=31536000, immutable',
  /** A name that stands for the same bytes as long as there are any. */
  aWhile: 'private, max-age=3600',
  /** Whether somebody may see it is asked each time. */
  askAgain: 'private, no-cache',
  /** The address is good for a while only, and so is what it gives. */
  never: 'no-store',
} as const;
export type Caching = (typeof CACHING)[keyof typeof CACHING];
const READ_BYTES = 256 * 1024;

/**
 * Answers with a segment, whole or by range, and closes it.
 * @throws VD_API_RANGE_UNSATISFIABLE, before anything was sent
 */
export function sendSegment(
  request: IncomingMessage,
  response: ServerResponse,
  segment: OpenedSegment,
  { name, caching }: { readonly name: string; readonly caching: Caching },
): Promise<void> {
  return sendFile(request, response, segment, { name, caching, type: segmentType(name) });
}

/** The same, for any file whose name never stands for other bytes. @throws VD_API_RANGE_UNSATISFIABLE, before anything was sent */
export async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  segment: OpenedSegment,
  { name, caching, type }: { readonly name: string; readonly caching: Caching; readonly type: string },
): Promise<void> {
  try {
    // As its name never stands for other bytes, a strong tag needs no hash.
    const etag = `"${segment.sizeBytes.toString(36)}-${Math.trunc(segment.modifiedMs).toString(36)}"`;
    response.setHeader('Content-Type', type);
    response.setHeader('Accept-Ranges', 'bytes');
    response.setHeader('ETag', etag);
    if (request.headers['if-none-match'] === etag) {
      response.statusCode = 304;
      response.setHeader('Cache-Control', caching).end();
      return;
    }
    const wanted = request.headers['if-range'] === undefined || request.headers['if-range'] === etag ? request.headers.range : undefined;
    const range = byteRange(wanted, segment.sizeBytes);
    if (range === 'unsatisfiable') {
      response.setHeader('Content-Range', `bytes */${segment.sizeBytes}`);
      throw apiError('VD_API_RANGE_UNSATISFIABLE', `${name} has ${segment.sizeBytes} bytes.`);
    }
    response.setHeader('Cache-Control', caching);
    const { start, end } = range === 'whole' ? { start: 0, end: segment.sizeBytes - 1 } : range;
    if (range !== 'whole') {
      response.statusCode = 206;
      response.setHeader('Content-Range', `bytes ${start}-${end}/${segment.sizeBytes}`);
    }
    response.setHeader('Content-Length', end - start + 1);
    if (request.method === 'HEAD' || end < start) response.end();
    else await sendBytes(response, segment, { start, end });
  } finally {
    await segment.handle.close();
  }
}

/** Answers with a stretch of a segment that is still written, and closes it. How long the segment will be is not known yet. */
export async function sendStretch(
  request: IncomingMessage,
  response: ServerResponse,
  segment: OpenedSegment,
  { name, range }: { readonly name: string; readonly range: ByteRange },
): Promise<void> {
  const { start, end } = range;
  try {
    response.statusCode = 206;
    response.setHeader('Content-Type', segmentType(name)).setHeader('Cache-Control', CACHING.never);
    response.setHeader('Content-Range', `bytes ${start}-${end}/*`).setHeader('Content-Length', end - start + 1);
    if (request.method === 'HEAD') response.end();
    else await sendBytes(response, segment, range);
  } finally {
    await segment.handle.close();
  }
}

async function sendBytes(response: ServerResponse, { handle }: OpenedSegment, { start, end }: ByteRange): Promise<void> {
  const bytes = handle.createReadStream({ start, end, autoClose: false, highWaterMark: READ_BYTES });
  await pipeline(bytes, response).catch(() => response.destroy()); // whoever asked has left
}
