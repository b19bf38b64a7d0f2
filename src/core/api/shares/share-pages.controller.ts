import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Exports } from '../../clips/exports.js';
import { clipError } from '../../errors/clip.errors.js';
import { VedetteError } from '../../errors/errors.js';
import * as wire from '../../wire/clips.wire.js';
import { Open } from '../auth/access.js';
import { anyActorOf } from '../auth/request-actor.js';
import { exportName, sendExport } from '../http/send-export.js';
import { Operation } from '../openapi/operation.js';
import { type OpenedShare, SharedClips } from './shared-clips.js';
import { SHARE_POLICY, shareProblemPage, sharePage } from './share-page.js';

/** What a link opens: a page with the clip, and the clip. Nobody need be signed in. */
@Open()
@Controller('share')
export class SharePagesController {
  constructor(
    private readonly shared: SharedClips,
    private readonly exports: Exports,
  ) {}

  @Get(':token')
  @Operation({
    id: 'sharePage',
    tag: 'clips',
    summary: 'A page with the clip that a link is for; it counts as a view',
    produces: ['text/html'],
    problems: { 404: 'No such link', 410: 'The link has expired', 429: 'Too many were tried' },
  })
  async page(
    @Param({ schema: wire.shareParams }) { token }: wire.ShareParams,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const [status, html] = await this.pageOf(token, request);
    response
      .status(status)
      .setHeader('Content-Type', 'text/html; charset=utf-8')
      .setHeader('Content-Security-Policy', SHARE_POLICY)
      .setHeader('X-Robots-Tag', 'noindex')
      .setHeader('Cache-Control', 'no-store')
      .end(html);
  }

  @Get(':token/clip.mp4')
  @Operation({
    id: 'shareFile',
    tag: 'clips',
    summary: 'The clip that a link is for, whole or by range; without what its page gives along it counts as a view',
    produces: ['video/mp4'],
    problems: {
      404: 'No such link',
      409: 'The clip is not done',
      410: 'The link has expired',
      416: 'Range outside the file',
      429: 'Too many were tried',
      503: 'The file is on another machine',
    },
  })
  async file(
    @Param({ schema: wire.shareParams }) { token }: wire.ShareParams,
    @Query({ schema: wire.viewQuery }) { view }: wire.ViewQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const opened = await this.shared.open(token, request.ip ?? '');
    const { clip } = opened;
    if (clip.state !== 'done') throw clipError('VD_CLIP_NOT_DONE', `The clip is ${clip.state}.`);
    if (!(await this.shared.isViewing(opened, view))) await this.shared.view(opened, anyActorOf(request));
    response.setHeader('X-Robots-Tag', 'noindex');
    const name = exportName(clip.title, new Date(clip.fromMs).toISOString(), 'mp4');
    await sendExport(request, response, this.exports.path(clip.id), { name, type: 'video/mp4', isShown: true });
  }

  private async pageOf(token: string, request: Request): Promise<[number, string]> {
    try {
      const opened = await this.shared.open(token, request.ip ?? '');
      return [200, await this.clipPage(token, opened, request)];
    } catch (error) {
      if (!(error instanceof VedetteError)) throw error;
      return [error.httpStatus, shareProblemPage(error.title, error.message, error.fix ?? '')];
    }
  }

  /** Somebody who waits for the clip to be made has not seen it. */
  private async clipPage(token: string, opened: OpenedShare, request: Request): Promise<string> {
    const { clip, share } = opened;
    if (clip.state === 'failed' || clip.state === 'cancelled')
      throw clipError('VD_CLIP_NOT_DONE', `The clip could not be made (${clip.state}).`);
    const view = clip.state === 'done' ? await this.shared.view(opened, anyActorOf(request)) : undefined;
    return sharePage({
      ...{ title: clip.title, from: new Date(clip.fromMs).toISOString(), to: new Date(clip.toMs).toISOString() },
      ...{ expiresAt: share.expiresAt.toISOString(), progress: clip.progress },
      video: view === undefined ? null : `${token}/clip.mp4?view=${view}`,
    });
  }
}
