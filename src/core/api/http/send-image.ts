import type { Request, Response } from 'express';
import { CACHING, type Caching } from '../../media/store/send-segment.js';

/** Says how it may be cached, and answers one who has it. @returns whether that was all */
export function isKnown(request: Request, response: Response, etag: string, caching: Caching): boolean {
  response.setHeader('Cache-Control', caching).setHeader('ETag', etag);
  if (request.headers['if-none-match'] !== etag) return false;
  response.status(304).end();
  return true;
}

/** An image is shown, not run: opened by itself it may do nothing at all. */
export function sendImage(
  request: Request,
  response: Response,
  mediaType: string,
  etag: string,
  bytes: Buffer | string,
  caching: Caching = CACHING.forGood,
): void {
  if (isKnown(request, response, etag, caching)) return;
  response
    .setHeader('Content-Type', mediaType)
    .setHeader('Content-Security-Policy', "default-src 'none'; sandbox")
    .setHeader('Content-Length', Buffer.byteLength(bytes))
    .end(bytes);
}
