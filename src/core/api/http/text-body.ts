import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Request, Response } from 'express';
import { CACHING, type Caching } from '../../media/store/send-segment.js';
import { isKnown } from './send-image.js';

const compress = promisify(gzip);
/** Below this a body is one packet either way. */
const LEAST_BYTES = 1_000;

/** A text that many are given: compressed once, and told from others by its tag. */
export class TextBody {
  private compressed: Promise<Buffer> | undefined;
  private tag: string | undefined;

  constructor(private readonly text: string) {}

  /** What it takes in memory, once it was sent. */
  get sizeBytes(): number {
    return Math.ceil(this.text.length * 1.25);
  }

  /** Answers with it, or that it is the one which is known. */
  async send(request: Request, response: Response, mediaType: string, caching: Caching = CACHING.askAgain): Promise<void> {
    this.tag ??= `"${createHash('sha256').update(this.text).digest('base64url').slice(0, 27)}"`;
    response.vary('Accept-Encoding').setHeader('Content-Type', mediaType);
    if (isKnown(request, response, this.tag, caching)) return;
    if (this.text.length < LEAST_BYTES || request.acceptsEncodings('gzip') === false) {
      response.end(this.text);
      return;
    }
    this.compressed ??= compress(this.text);
    const bytes = await this.compressed;
    response.setHeader('Content-Encoding', 'gzip').setHeader('Content-Length', bytes.length).end(bytes);
  }
}
