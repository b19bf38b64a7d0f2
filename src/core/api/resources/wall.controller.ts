import { Controller, Get, Logger, Req } from '@nestjs/common';
import type { Request } from 'express';
import { WallReads, type NewestPicture } from '../../persistence/read/wall-reads.js';
import { errorText } from '../../plugin-api/index.js';
import { wallWire, type WallWire } from '../../wire/wall.wire.js';
import { principalOf } from '../auth/principal.js';
import { Operation } from '../openapi/operation.js';
import { StreamAccess } from './stream-access.js';
import { StreamHealth } from './stream-health.js';

/** All streams at one glance. */
@Controller('api/wall')
export class WallController {
  private readonly logger = new Logger(WallController.name);

  constructor(
    private readonly access: StreamAccess,
    private readonly reads: WallReads,
    private readonly health: StreamHealth,
  ) {}

  @Get()
  @Operation({
    id: 'getWall',
    tag: 'streams',
    summary: 'The newest picture and event of every stream, and how far each is',
    response: wallWire,
  })
  async wall(@Req() request: Request): Promise<WallWire> {
    const ids = (await this.access.list(principalOf(request))).map(({ wire }) => wire.id);
    const [{ pictures, events, openEvents }, judged] = await Promise.all([this.reads.of(ids), this.judged()]);
    return {
      at: new Date().toISOString(),
      items: ids.map((streamId) => {
        const picture = pictures.get(streamId);
        const measures = judged?.get(streamId)?.measures;
        const analysis = measures?.analysis;
        return {
          streamId,
          picture: picture === undefined ? null : { url: urlOf(picture), at: isoOf(picture.atMs)! },
          mediaUpTo: isoOf(measures?.media?.endsAtMs),
          analysedUpTo: isoOf(analysis?.upToMs),
          analysisLagMs:
            analysis === undefined || analysis === null ? null : Math.max(0, measures!.atMs - (analysis.waitingSinceMs ?? measures!.atMs)),
          event: events.get(streamId) ?? null,
          openEvents: [...(openEvents.get(streamId) ?? [])],
        };
      }),
    };
  }

  /** What is measured is one more thing to tell: pictures are shown without, too. */
  private judged(): Promise<Awaited<ReturnType<StreamHealth['now']>> | null> {
    return this.health.now().catch((error: unknown) => {
      this.logger.warn(`How streams are cannot be judged: ${errorText(error)}`);
      return null;
    });
  }
}

const urlOf = ({ streamId, epochId, ptsUs }: NewestPicture): string => `/api/streams/${streamId}/frame?epochId=${epochId}&ptsUs=${ptsUs}`;
const isoOf = (ms: number | null | undefined): string | null => (ms === null || ms === undefined ? null : new Date(ms).toISOString());
