import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import type { Request } from 'express';
import { Exports } from '../../clips/exports.js';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import { apiError } from '../../errors/api.errors.js';
import { clipError } from '../../errors/clip.errors.js';
import { type Clip, ClipStore } from '../../persistence/clips/clip-store.js';
import { type Share, ShareStore } from '../../persistence/clips/share-store.js';
import * as wire from '../../wire/clips.wire.js';
import { idParams, type IdParams } from '../../wire/inputs.js';
import { pageOf, type Page } from '../../wire/wire.js';
import { RequireRole } from '../auth/access.js';
import { principalOf } from '../auth/principal.js';
import { actorOf } from '../auth/request-actor.js';
import { Operation } from '../openapi/operation.js';
import { ClipRequests } from '../resources/clip-requests.js';
import { freshShareToken } from './share-token.js';

/** Links by which others see a clip. Who made one is shown where it was used from, so all of this is for admins. */
@RequireRole('admin')
@Controller('api/shares')
export class SharesController {
  constructor(
    private readonly shares: ShareStore,
    private readonly clips: ClipStore,
    private readonly requests: ClipRequests,
    private readonly exports: Exports,
    @Inject(VEDETTE_CONFIG) private readonly config: VedetteConfig,
  ) {}

  @Get()
  @Operation({ id: 'listShares', tag: 'clips', summary: 'Links, the newest first', response: pageOf(wire.shareWire) })
  list(@Query({ schema: wire.shareQuery }) query: wire.ShareQuery): Promise<Page<wire.ShareWire>> {
    return this.shares.list(query, shareWireOf);
  }

  @Post()
  @Operation({
    id: 'createShare',
    tag: 'clips',
    summary: 'Make a link to a clip, or to a range of a stream, of which a clip is made; the link is told this once',
    response: wire.newShareWire,
    status: 201,
    problems: { 404: 'No such clip or stream, or nothing of the range is recorded', 409: 'Too much is waiting', 507: 'No room for a clip' },
  })
  async create(@Body({ schema: wire.shareBody }) body: wire.ShareBody, @Req() request: Request): Promise<wire.NewShareWire> {
    const clip = await this.clipOf(body, request);
    const { token, sha256 } = freshShareToken();
    const { expiresInSeconds, maxViews = null } = body;
    const made = await this.shares.create({ clipId: clip.id, sha256, ttlMs: expiresInSeconds * 1_000, maxViews }, actorOf(request));
    return { ...shareWireOf(made, clip.title), url: `${this.base(request)}/share/${token}` };
  }

  @Post(':id/revoke')
  @HttpCode(200)
  @Operation({
    id: 'revokeShare',
    tag: 'clips',
    summary: 'Withdraw a link: it opens nothing any more',
    response: wire.shareWire,
    problems: { 404: 'No such link' },
  })
  async revoke(@Param({ schema: idParams }) { id }: IdParams, @Req() request: Request): Promise<wire.ShareWire> {
    await this.shares.revoke(id, actorOf(request));
    const share = await this.shares.find(id);
    if (share === null) throw apiError('VD_API_NOT_FOUND', `No link ${id}.`);
    return shareWireOf(share, (await this.clips.find(share.clipId))?.title ?? '');
  }

  private async clipOf(body: wire.ShareBody, request: Request): Promise<Clip> {
    const { clipId, streamId, expiresInSeconds } = body;
    if ((clipId === undefined) === (streamId === undefined))
      throw clipError('VD_CLIP_RANGE_INVALID', 'clipId: give a clip, or `streamId` and a range');
    if (clipId !== undefined) {
      const clip = await this.clips.find(clipId);
      if (clip === null) throw apiError('VD_API_NOT_FOUND', `No clip ${clipId}.`);
      return clip;
    }
    const { limits } = this.requests;
    if (expiresInSeconds * 1_000 > limits.maxAgeMs)
      throw clipError('VD_SHARE_TOO_LONG', `A clip is kept for ${limits.maxAgeMs} ms (\`clips.maxAge\`).`);
    const asked = await this.requests.resolve({ ...body, streamId: streamId! }, principalOf(request));
    const [clip] = await this.clips.create([asked], limits, actorOf(request));
    this.exports.ring();
    return clip!;
  }

  /** Where people outside reach this server, as far as anybody here knows. */
  private base(request: Request): string {
    return (this.config.clips.publicUrl ?? `${request.protocol}://${request.get('host') ?? 'localhost'}`).replace(/\/+$/, '');
  }
}

function shareWireOf({ createdAt, expiresAt, lastUsedAt, revokedAt, ...share }: Share, title: string): wire.ShareWire {
  return {
    ...share,
    title,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    revokedAt: revokedAt?.toISOString() ?? null,
  };
}
