import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import { apiError } from '../../errors/api.errors.js';
import { openSegment } from '../../media/store/open-segment.js';
import { CACHING, SEGMENT_TYPES, segmentType, sendSegment, type Caching } from '../../media/store/send-segment.js';
import { Signable } from '../auth/access.js';
import { principalOf } from '../auth/principal.js';
import { isSigned } from '../auth/signed-request.js';
import { StreamDirectory } from '../feed/stream-directory.js';
import { Operation } from '../openapi/operation.js';
import { Playlists } from './playlists.js';
import { SegmentProxy } from './segment-proxy.js';

const uuid = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'an id');
const liveParams = z.strictObject({ streamId: uuid });
const epochParams = z.strictObject({ streamId: uuid, epochId: uuid });
const segmentParams = z.strictObject({
  streamId: uuid,
  epochId: uuid,
  file: z.string().regex(/^(?:\d{6,9}\.(?:ts|m4s)|init\.mp4)$/, 'a segment'),
});

const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl';
/** A proxy that can read the media folder asks to send the bytes itself; see deploy/nginx.conf. */
const HAND_OVER = 'x-vedette-media';

/** HLS: playlists from the ledger, segments from the media folder or from the node that has them. */
@Controller('streaming')
export class StreamingController {
  constructor(
    private readonly playlists: Playlists,
    private readonly directory: StreamDirectory,
    private readonly proxy: SegmentProxy,
    @Inject(VEDETTE_CONFIG) private readonly config: VedetteConfig,
  ) {}

  @Get(':streamId/live.m3u8')
  @Operation({
    id: 'livePlaylist',
    tag: 'playback',
    summary: 'Live playlist of a stream, across its epochs',
    produces: [PLAYLIST_TYPE],
    problems: { 404: 'No such stream, or no media yet' },
  })
  async live(
    @Param({ schema: liveParams }) params: z.output<typeof liveParams>,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.admit(params.streamId, request);
    sendPlaylist(response, await this.playlists.live(params.streamId));
  }

  @Get(':streamId/:epochId/index.m3u8')
  @Operation({
    id: 'epochPlaylist',
    tag: 'playback',
    summary: 'A whole epoch',
    produces: [PLAYLIST_TYPE],
    problems: { 404: 'No such epoch' },
  })
  async epoch(
    @Param({ schema: epochParams }) params: z.output<typeof epochParams>,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.admit(params.streamId, request);
    sendPlaylist(response, await this.playlists.epoch(params.streamId, params.epochId));
  }

  @Get(':streamId/:epochId/:file')
  @Signable()
  @Operation({
    id: 'segmentFile',
    tag: 'playback',
    summary: 'A segment, whole or by range; a signed address needs no sign-in',
    produces: [...SEGMENT_TYPES],
    problems: {
      404: 'No such segment',
      416: 'Range outside the file',
      502: 'The node that has it answers oddly',
      503: 'The node that has the segment does not answer',
      508: 'Nodes point at each other',
    },
  })
  async segment(
    @Param({ schema: segmentParams }) params: z.output<typeof segmentParams>,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const caching = isSigned(request) ? CACHING.never : await this.admit(params.streamId, request);
    const segment = await openSegment(this.config.mediaDir, params.streamId, params.epochId, params.file);
    if (segment === null) return this.proxy.send(request, response, params, caching);
    if (request.headers[HAND_OVER] !== 'x-accel-redirect') return sendSegment(request, response, segment, { name: params.file, caching });
    await segment.handle.close();
    const path = `/_media/${params.streamId}/${params.epochId}/${params.file}`;
    response
      .setHeader('Content-Type', segmentType(params.file))
      .setHeader('Cache-Control', caching)
      .setHeader('X-Accel-Redirect', path)
      .end();
  }

  /** A private stream, or what is left of a removed one, does not exist for viewers. @returns how long its segments may be kept */
  private async admit(streamId: string, request: Request): Promise<Caching> {
    const card = await this.directory.readable(streamId, principalOf(request).role);
    if (card === null) throw apiError('VD_API_NOT_FOUND', `No stream ${streamId}.`);
    return card.private || card.deleted ? CACHING.askAgain : CACHING.forGood;
  }
}

function sendPlaylist(response: Response, text: string): void {
  response.setHeader('Content-Type', PLAYLIST_TYPE).setHeader('Cache-Control', 'no-store').end(text);
}
