import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Request, Response } from 'express';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import { openSegment } from '../../media/store/open-segment.js';
import { announcesParts } from '../../media/epoch-folder.js';
import { unfinishedName } from '../../media/segment-name.js';
import { sendStretch } from '../../media/store/send-segment.js';
import type { ByteRange } from '../../media/store/byte-range.js';
import { PartsFollower } from '../../persistence/notify/parts-follower.js';
import { doneWithin } from '../../runtime/within.js';
import { Alarms } from './alarms.js';
import type { SegmentPlace } from './segment-proxy.js';

/** How long a part that was hinted at is waited for. */
const WAIT_MS = 3_000;
/** `bytes=100-199`, or `bytes=100-`: from there to the end of a part. */
const RANGE = /^bytes=(\d{1,12})-(\d{1,12})?$/;

/** Parts of segments that are still written: of such a file only what was announced is sent. */
@Injectable()
export class OpenParts implements OnModuleInit, OnApplicationShutdown {
  private readonly alarms = new Alarms();
  private unlisten: () => void = () => undefined;

  constructor(
    private readonly follower: PartsFollower,
    @Inject(VEDETTE_CONFIG) private readonly config: VedetteConfig,
  ) {}

  onModuleInit(): void {
    this.unlisten = this.follower.listen((streamId) => this.alarms.ring(streamId));
  }

  onApplicationShutdown(): void {
    this.unlisten();
  }

  /** @returns false when it is not asked for a part of an open segment, or that does not come; nothing was sent then */
  async send(request: Request, response: Response, { streamId, epochId, file }: SegmentPlace): Promise<boolean> {
    if (!this.config.packaging.lowLatency) return false;
    const [, from, to] = RANGE.exec(request.headers.range ?? '') ?? [];
    const sequence = Number.parseInt(file, 10);
    if (from === undefined || Number.isNaN(sequence) || !(await announcesParts(this.config.mediaDir, epochId))) return false;
    const range = await this.announced(streamId, epochId, sequence, Number(from), to === undefined ? undefined : Number(to));
    if (range === undefined) return false;
    const { mediaDir } = this.config;
    // It may have been completed meanwhile.
    const segment =
      (await openSegment(mediaDir, streamId, epochId, unfinishedName(file))) ?? (await openSegment(mediaDir, streamId, epochId, file));
    if (segment === null) return false;
    if (segment.sizeBytes > range.end) {
      await sendStretch(request, response, segment, { name: file, range });
      return true;
    }
    await segment.handle.close();
    return false;
  }

  /** Waits for it, if it is next. @returns undefined when it does not come */
  private async announced(streamId: string, epochId: string, sequence: number, start: number, to?: number): Promise<ByteRange | undefined> {
    const untilMs = performance.now() + WAIT_MS;
    for (;;) {
      const alarm = this.alarms.set(streamId);
      try {
        this.follower.follow(epochId);
        const known = this.follower.of(epochId, sequence);
        const { parts = [], isComplete = false } = known ?? {};
        const end = to ?? endOf(parts.find(({ offsetBytes, sizeBytes }) => start >= offsetBytes && start < offsetBytes + sizeBytes));
        const last = endOf(parts.at(-1)) ?? -1;
        if (end !== undefined && start <= end && end <= last) return { start, end };
        const newest = this.follower.newestSequence(epochId);
        const isNext = newest === undefined || (sequence >= newest && sequence <= newest + 1);
        if (isComplete || !isNext || !(await doneWithin(untilMs - performance.now(), alarm.rung))) return undefined;
      } finally {
        alarm.clear();
      }
    }
  }
}

const endOf = (part: { readonly offsetBytes: number; readonly sizeBytes: number } | undefined): number | undefined =>
  part && part.offsetBytes + part.sizeBytes - 1;
