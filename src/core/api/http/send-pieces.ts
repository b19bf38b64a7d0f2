import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Request, Response } from 'express';

/**
 * Answers with a body that is made as it is read: no more of it is in memory than the reader has not taken yet. What cannot be made to its
 * end is cut off, which its reader sees; it never ends as if that were all.
 * @param pieces the first of them is made before anything is sent, so that a refusal can still be told
 * @throws what making the first piece throws, and later what ended it early, unless the reader has left
 */
export async function sendPieces(request: Request, response: Response, mediaType: string, pieces: AsyncIterator<string>): Promise<void> {
  const first = await pieces.next();
  response.vary('Accept-Encoding').setHeader('Content-Type', mediaType);
  const isCompressed = request.acceptsEncodings('gzip') !== false;
  if (isCompressed) response.setHeader('Content-Encoding', 'gzip');
  let hasFailed = false;
  async function* all(): AsyncGenerator<string, void, void> {
    try {
      for (let piece = first; piece.done !== true; piece = await pieces.next()) if (piece.value !== '') yield piece.value;
    } catch (error) {
      hasFailed = true;
      throw error;
    } finally {
      await pieces.return?.();
    }
  }
  const body = Readable.from(all());
  const sending = isCompressed ? pipeline(body, createGzip(), response) : pipeline(body, response);
  await sending.catch((error: unknown) => {
    if (hasFailed) throw error;
  });
}
