import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { RangeReads, type MediaRange } from '../../persistence/read/range-reads.js';
import { dvrQuery, streamParams, subtitlesQuery, type DvrQuery, type StreamParams, type SubtitlesQuery } from '../../wire/playback.wire.js';
import { TextBody } from '../http/text-body.js';
import { Operation } from '../openapi/operation.js';
import { dvrRange } from './dvr-range.js';
import { DvrPlaylists } from './dvr-playlists.js';
import { subtitledPlaylist, subtitlePlaylist } from './dvr-subtitles.js';
import { MediaAdmission } from './media-admission.js';
import { PLAYLIST_TYPE } from './playlist.js';

/** Looking back: any stretch of the past as a playlist. */
@Controller('streaming')
export class DvrController {
  constructor(
    private readonly playlists: DvrPlaylists,
    private readonly reads: RangeReads,
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
    const range = dvrRange(streamId, query);
    const body = query.subtitles === '1' ? await this.subtitled(range, query) : await this.playlists.playlist(range);
    await body.send(request, response, PLAYLIST_TYPE);
  }

  @Get(':streamId/dvr-subtitles.m3u8')
  @Operation({
    id: 'dvrSubtitles',
    tag: 'playback',
    summary: 'What was found in a past range, as subtitles: a file of cues for each epoch',
    produces: [PLAYLIST_TYPE],
    problems: { 404: 'No such stream, or nothing recorded in the range' },
  })
  async subtitles(
    @Param({ schema: streamParams }) { streamId }: StreamParams,
    @Query({ schema: subtitlesQuery }) query: SubtitlesQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.admission.admit(streamId, request);
    const range = dvrRange(streamId, query);
    const { epochs } = await this.reads.media(range);
    await new TextBody(subtitlePlaylist(range, epochs)).send(request, response, PLAYLIST_TYPE);
  }

  /** Without an end the media goes on; its subtitles do not. */
  private async subtitled(range: MediaRange, { from, to }: DvrQuery): Promise<TextBody> {
    const until = { ...range, toMs: Math.max(range.fromMs + 1, Math.min(range.toMs, Date.now())) };
    const media = `from=${from}${to === undefined ? '' : `&to=${to}`}`;
    return new TextBody(subtitledPlaylist(media, until, await this.reads.peakBitsPerSecond(until)));
  }
}
