import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { apiError } from '../../errors/api.errors.js';
import { CACHING, type Caching } from '../../media/store/send-segment.js';
import { principalOf } from '../auth/principal.js';
import { StreamDirectory } from '../feed/stream-directory.js';

/** Who may see a stream's media. */
@Injectable()
export class MediaAdmission {
  constructor(private readonly directory: StreamDirectory) {}

  /**
   * A private stream, or what is left of a removed one, does not exist for viewers.
   * @returns how long its segments may be kept
   * @throws VD_API_NOT_FOUND
   */
  async admit(streamId: string, request: Request): Promise<Caching> {
    const card = await this.directory.readable(streamId, principalOf(request).role);
    if (card === null) throw apiError('VD_API_NOT_FOUND', `No stream ${streamId}.`);
    return card.private || card.deleted ? CACHING.askAgain : CACHING.forGood;
  }
}
