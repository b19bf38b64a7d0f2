import { Injectable } from '@nestjs/common';
import { clipError } from '../../errors/clip.errors.js';
import { MediaKey } from '../../media/store/media-key.js';
import { type Clip, ClipStore } from '../../persistence/clips/clip-store.js';
import { type Share, type ShareEnd, ShareStore } from '../../persistence/clips/share-store.js';
import type { Actor } from '../../audit/actor.js';
import { FailureLimit } from '../../plugin-api/index.js';
import { isViewTicket, shareHash, viewTicket } from './share-token.js';

/** Links that open nothing, from one network: a mistyped one now and then is free. */
const FAILURES = { burst: 20, refillMs: 6_000 };
/** Pages and pieces of clips, from one network: seeking through a video asks for many. */
const REQUESTS = { burst: 300, refillMs: 200 };

const ENDS: Readonly<Record<ShareEnd, string>> = {
  expired: 'Its time is over.',
  revoked: 'It was withdrawn.',
  'used-up': 'It was opened as often as it may be.',
};

export interface OpenedShare {
  readonly share: Share;
  readonly clip: Clip;
}

/** Opens links for whoever has them, and nothing but their clips. */
@Injectable()
export class SharedClips {
  private readonly failures = new FailureLimit(FAILURES);
  private readonly requests = new FailureLimit(REQUESTS);

  constructor(
    private readonly shares: ShareStore,
    private readonly clips: ClipStore,
    private readonly key: MediaKey,
  ) {}

  /** @throws VD_SHARE_UNKNOWN, VD_SHARE_EXPIRED, VD_SHARE_TOO_OFTEN */
  async open(token: string, address: string): Promise<OpenedShare> {
    if (this.requests.attempt(address).exceeded) throw tooOften();
    const attempt = this.failures.attempt(address);
    const sha256 = shareHash(token);
    const found = sha256 === null ? null : await this.shares.of(sha256);
    const clip = found === null ? null : await this.clips.find(found.share.clipId);
    if (found === null || clip === null) {
      if (attempt.exceeded) throw tooOften();
      throw clipError('VD_SHARE_UNKNOWN', 'Nothing is known of this link.');
    }
    attempt.succeeded();
    // Who watches already may do so to the end.
    if (found.end !== null && found.end !== 'used-up') throw clipError('VD_SHARE_EXPIRED', ENDS[found.end]);
    return { share: found.share, clip };
  }

  /** Counts a view. @returns what lets its player fetch the clip. @throws VD_SHARE_EXPIRED */
  async view({ share }: OpenedShare, by: Actor, nowMs = Date.now()): Promise<string> {
    if (!(await this.shares.view(share.id, by))) throw clipError('VD_SHARE_EXPIRED', ENDS['used-up']);
    return viewTicket(await this.key.current(), share.id, nowMs);
  }

  /** Whether it was counted already. */
  async isViewing({ share }: OpenedShare, ticket: string | undefined, nowMs = Date.now()): Promise<boolean> {
    return ticket !== undefined && isViewTicket(await this.key.current(), share.id, ticket, nowMs);
  }
}

const tooOften = (): Error => clipError('VD_SHARE_TOO_OFTEN', 'It was asked for too often from this address.');
