import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { dvrQuery, streamParams, type DvrQuery, type StreamParams } from '../../wire/playback.wire.js';
import { Operation } from '../openapi/operation.js';
import { dvrRange } from './dvr-range.js';
import { DvrPlaylists } from './dvr-playlists.js';
import { MediaAdmission } from './media-admission.js';
import { PLAYLIST_TYPE } from './playlist.js';

/** Looking back: any stretch of the past as a playlist. */
@Controller('streaming')
export class DvrController {
  constructor(
    private readonly playlists: DvrPlaylists,
    private readonly admission: MediaAdmission,
  ) {}

  @Get(':streamId/dvr.m3u8')
  @Operation({
    id: 'dvrPlaylist',
    tag: 'playback',
    summary: 'A past range as a playlist, across epochs; it grows while the range reaches into what is recorded now',
    produces: [PLAYLIST_TYPE],
    problems: { 404: 'No such stream, or nothing recorded in the range', 410: 'What was recorded in the range is gone' },
  })
  async dvr(
    @Param({ schema: streamParams }) { streamId }: StreamParams,
    @Query({ schema: dvrQuery }) query: DvrQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.admission.admit(streamId, request);
    const body = await this.playlists.playlist(dvrRange(streamId, query));
    await body.send(request, response, PLAYLIST_TYPE);
  }
}
