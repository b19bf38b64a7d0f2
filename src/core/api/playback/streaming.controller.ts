import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import { apiError } from '../../errors/api.errors.js';
import { principalOf } from '../auth/principal.js';
import { StreamDirectory } from '../feed/stream-directory.js';
import { Operation } from '../openapi/operation.js';
import { byteRange } from './byte-range.js';
import { Playlists } from './playlists.js';
import { openSegment } from './segment-file.js';

const uuid = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'an id');
const liveParams = z.strictObject({ streamId: uuid });
const epochParams = z.strictObject({ streamId: uuid, epochId: uuid });
const segmentParams = z.strictObject({ streamId: uuid, epochId: uuid, file: z.string().regex(/^\d{6,9}\.ts$/, 'a segment') });

const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl';
const READ_BYTES = 256 * 1024;
const FOR_GOOD = 'private, max-age=31536000, immutable';
/** A proxy that can read the media folder asks to send the bytes itself; see deploy/nginx.conf. */
const HAND_OVER = 'x-vedette-media';

/** HLS: playlists from the ledger, segments from the media folder. */
@Controller('streaming')
export class StreamingController {
  constructor(
    @Inject(Playlists) private readonly playlists: Playlists,
    @Inject(StreamDirectory) private readonly directory: StreamDirectory,
    @Inject(VEDETTE_CONFIG) private readonly config: VedetteConfig,
  ) {}

  @Get(':streamId/live.m3u8')
  @Operation({ id: 'livePlaylist', tag: 'playback', summary: 'Live playlist of a stream, across its epochs', produces: [PLAYLIST_TYPE], problems: { 404: 'No such stream, or no media yet' } })
  async live(@Param({ schema: liveParams }) params: z.output<typeof liveParams>, @Req() request: Request, @Res() response: Response): Promise<void> {
    await this.admit(params.streamId, request);
    sendPlaylist(response, await this.playlists.live(params.streamId));
  }

  @Get(':streamId/:epochId/index.m3u8')
  @Operation({ id: 'epochPlaylist', tag: 'playback', summary: 'A whole epoch', produces: [PLAYLIST_TYPE], problems: { 404: 'No such epoch' } })
  async epoch(@Param({ schema: epochParams }) params: z.output<typeof epochParams>, @Req() request: Request, @Res() response: Response): Promise<void> {
    await this.admit(params.streamId, request);
    sendPlaylist(response, await this.playlists.epoch(params.streamId, params.epochId));
  }

  @Get(':streamId/:epochId/:file')
  @Operation({ id: 'segmentFile', tag: 'playback', summary: 'A segment, whole or by range', produces: ['video/mp2t'], problems: { 404: 'No such segment', 416: 'Range outside the file' } })
  async segment(@Param({ schema: segmentParams }) params: z.output<typeof segmentParams>, @Req() request: Request, @Res() response: Response): Promise<void> {
    await this.admit(params.streamId, request);
    const segment = await openSegment(this.config.mediaDir, params.streamId, params.epochId, params.file);
    if (segment === null) throw apiError('VD_API_NOT_FOUND', `No segment ${params.file} in epoch ${params.epochId}.`);
    try {
      // The name never stands for other bytes, so a strong tag needs no hash.
      const etag = `"${segment.sizeBytes.toString(36)}-${Math.trunc(segment.modifiedMs).toString(36)}"`;
      response.setHeader('Content-Type', 'video/mp2t');
      if (request.headers[HAND_OVER] === 'x-accel-redirect') {
        const path = `/_media/${params.streamId}/${params.epochId}/${params.file}`;
        response.setHeader('Cache-Control', FOR_GOOD).setHeader('X-Accel-Redirect', path).end();
        return;
      }
      response.setHeader('Accept-Ranges', 'bytes');
      response.setHeader('ETag', etag);
      if (request.headers['if-none-match'] === etag) {
        response.setHeader('Cache-Control', FOR_GOOD).status(304).end();
        return;
      }
      const wanted = request.headers['if-range'] === undefined || request.headers['if-range'] === etag ? request.headers.range : undefined;
      const range = byteRange(wanted, segment.sizeBytes);
      if (range === 'unsatisfiable') {
        response.setHeader('Content-Range', `bytes */${segment.sizeBytes}`);
        throw apiError('VD_API_RANGE_UNSATISFIABLE', `${params.file} has ${segment.sizeBytes} bytes.`);
      }
      response.setHeader('Cache-Control', FOR_GOOD);
      const { start, end } = range === 'whole' ? { start: 0, end: segment.sizeBytes - 1 } : range;
      if (range !== 'whole') response.status(206).setHeader('Content-Range', `bytes ${start}-${end}/${segment.sizeBytes}`);
      response.setHeader('Content-Length', end - start + 1);
      if (request.method === 'HEAD' || end < start) response.end();
      else {
        const bytes = segment.handle.createReadStream({ start, end, autoClose: false, highWaterMark: READ_BYTES });
        await pipeline(bytes, response).catch(() => response.destroy()); // the player left
      }
    } finally {
      await segment.handle.close();
    }
  }

  /** A private stream does not exist for viewers. */
  private async admit(streamId: string, request: Request): Promise<void> {
    if (await this.directory.mayRead(streamId, principalOf(request).role)) return;
    throw apiError('VD_API_NOT_FOUND', `No stream ${streamId}.`);
  }
}

function sendPlaylist(response: Response, text: string): void {
  response.setHeader('Content-Type', PLAYLIST_TYPE).setHeader('Cache-Control', 'no-store').end(text);
}
