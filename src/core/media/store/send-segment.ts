import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { apiError } from '../../errors/api.errors.js';
import { byteRange } from './byte-range.js';
import type { OpenedSegment } from './open-segment.js';

export const SEGMENT_TYPE = 'video/mp2t';
/** A name never stands for other bytes. */
export const FOR_GOOD = 'private, max-age=31536000, immutable';
const READ_BYTES = 256 * 1024;

/**
 * Answers with a segment, whole or by range, and closes it.
 * @throws VD_API_RANGE_UNSATISFIABLE, before anything was sent
 */
export async function sendSegment(request: IncomingMessage, response: ServerResponse, segment: OpenedSegment, name: string): Promise<void> {
  try {
    // As its name never stands for other bytes, a strong tag needs no hash.
    const etag = `"${segment.sizeBytes.toString(36)}-${Math.trunc(segment.modifiedMs).toString(36)}"`;
    response.setHeader('Content-Type', SEGMENT_TYPE);
    response.setHeader('Accept-Ranges', 'bytes');
    response.setHeader('ETag', etag);
    if (request.headers['if-none-match'] === etag) {
      response.statusCode = 304;
      response.setHeader('Cache-Control', FOR_GOOD).end();
      return;
    }
    const wanted = request.headers['if-range'] === undefined || request.headers['if-range'] === etag ? request.headers.range : undefined;
    const range = byteRange(wanted, segment.sizeBytes);
    if (range === 'unsatisfiable') {
      response.setHeader('Content-Range', `bytes */${segment.sizeBytes}`);
      throw apiError('VD_API_RANGE_UNSATISFIABLE', `${name} has ${segment.sizeBytes} bytes.`);
    }
    response.setHeader('Cache-Control', FOR_GOOD);
    const { start, end } = range === 'whole' ? { start: 0, end: segment.sizeBytes - 1 } : range;
    if (range !== 'whole') {
      response.statusCode = 206;
      response.setHeader('Content-Range', `bytes ${start}-${end}/${segment.sizeBytes}`);
    }
    response.setHeader('Content-Length', end - start + 1);
    if (request.method === 'HEAD' || end < start) response.end();
    else {
      const bytes = segment.handle.createReadStream({ start, end, autoClose: false, highWaterMark: READ_BYTES });
      await pipeline(bytes, response).catch(() => response.destroy()); // whoever asked has left
    }
  } finally {
    await segment.handle.close();
  }
}
