import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import { openSegment } from '../../media/store/open-segment.js';
import { CACHING, SEGMENT_TYPES, segmentType, sendSegment } from '../../media/store/send-segment.js';
import { Signable } from '../auth/access.js';
import { isSigned } from '../auth/signed-request.js';
import { mediaId, streamParams, type StreamParams } from '../../wire/playback.wire.js';
import { TextBody } from '../http/text-body.js';
import { Operation } from '../openapi/operation.js';
import { LowLatency } from './low-latency.js';
import { MediaAdmission } from './media-admission.js';
import { OpenParts } from './open-parts.js';
import { PLAYLIST_TYPE } from './playlist.js';
import { Playlists } from './playlists.js';
import { SegmentProxy } from './segment-proxy.js';

const whole = z.coerce.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
/** Delivery directives of HLS (RFC 8216bis, 6.2.5). Whatever else is asked for is for others: players add to addresses what they like. */
const liveQuery = z
  .object({ _HLS_msn: whole.optional(), _HLS_part: whole.optional() })
  .refine(({ _HLS_msn, _HLS_part }) => _HLS_part === undefined || _HLS_msn !== undefined, '_HLS_part needs _HLS_msn');
const epochParams = z.strictObject({ streamId: mediaId, epochId: mediaId });
const segmentParams = z.strictObject({
  streamId: mediaId,
  epochId: mediaId,
  file: z.string().regex(/^(?:\d{6,9}\.(?:ts|m4s)|init\.mp4)$/, 'a segment'),
});

/** Of playlists as they were sent last. */
const BODIES_BYTES = 32 * 1024 * 1024;
/** A proxy that can read the media folder asks to send the bytes itself; see deploy/nginx.conf. */
const HAND_OVER = 'x-vedette-media';

/** HLS: playlists from the ledger, segments from the media folder or from the node that has them. */
@Controller('streaming')
export class StreamingController {
  private readonly bodies = new LRUCache<string, TextBody>({
    maxSize: BODIES_BYTES,
    sizeCalculation: ({ sizeBytes }) => sizeBytes,
  });

  constructor(
    private readonly playlists: Playlists,
    private readonly lowLatency: LowLatency,
    private readonly openParts: OpenParts,
    private readonly admission: MediaAdmission,
    private readonly proxy: SegmentProxy,
    @Inject(VEDETTE_CONFIG) private readonly config: VedetteConfig,
  ) {}

  @Get(':streamId/live.m3u8')
  @Operation({
    id: 'livePlaylist',
    tag: 'playback',
    summary: 'Live playlist of a stream, across its epochs; with `_HLS_msn` it waits for that segment, or part of it',
    produces: [PLAYLIST_TYPE],
    problems: { 404: 'No such stream, or no media yet', 503: 'What it waited for did not come' },
  })
  async live(
    @Param({ schema: streamParams }) params: StreamParams,
    @Query({ schema: liveQuery }) query: z.output<typeof liveQuery>,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.admission.admit(params.streamId, request);
    const { _HLS_msn: mediaSequence, _HLS_part: part } = query;
    const awaited = mediaSequence === undefined ? undefined : { mediaSequence, part };
    await this.send(request, response, await this.lowLatency.playlist(params.streamId, awaited));
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
    await this.admission.admit(params.streamId, request);
    await this.send(request, response, await this.playlists.epoch(params.streamId, params.epochId));
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
    const caching = isSigned(request) ? CACHING.never : await this.admission.admit(params.streamId, request);
    const segment = await openSegment(this.config.mediaDir, params.streamId, params.epochId, params.file);
    if (segment === null && (await this.openParts.send(request, response, params))) return;
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

  /** Compressed once for all players that get the same. */
  private async send(request: Request, response: Response, text: string): Promise<void> {
    const body = this.bodies.get(text) ?? new TextBody(text);
    this.bodies.set(text, body);
    await body.send(request, response, PLAYLIST_TYPE, CACHING.never);
  }
}
