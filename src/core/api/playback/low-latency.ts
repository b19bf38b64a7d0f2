import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import { apiError } from '../../errors/api.errors.js';
import { announcesParts } from '../../media/epoch-folder.js';
import { PartsFollower } from '../../persistence/notify/parts-follower.js';
import type { SegmentParts } from '../../persistence/notify/segment-parts.js';
import { doneWithin } from '../../runtime/within.js';
import { Alarms } from './alarms.js';
import { livePlaylist, type LowLatencyTail } from './playlist.js';
import { Playlists, type LiveSnapshot } from './playlists.js';

/** Longer than the parts of all frame rates that television and encoders know; those of others make it grow. */
const PART_TARGET_US = 350_000;
/** How far ahead of the playlist may be asked (RFC 8216bis, 6.2.5.2). */
const ADVANCE_SEGMENTS = 2;
const ADVANCE_PARTS = Math.ceil(3_000_000 / PART_TARGET_US);
/** Parts are named as long as they lie no further back. */
const NAMED_TARGETS = 3;

/** What a player waits for: a segment by its media sequence number, or a part of it. */
export interface Awaited {
  readonly mediaSequence: number;
  readonly part: number | undefined;
}

/** An epoch that is being written, as its playlist ends. */
interface OpenEnd {
  readonly epochId: string;
  readonly targetSeconds: number;
  /** Of the last segment that the ledger has. */
  readonly sequence: number;
  readonly mediaSequence: number;
}

interface Written {
  /** Of the last complete segment, and of the open one. */
  readonly parts: readonly (SegmentParts | undefined)[];
  readonly text: string;
}

/**
 * Live playlists that go on to the part that was written last, and wait for it (RFC 8216bis). The ledger says which segments there are;
 * a part is named only behind all segments before it. A playlist whose media is not written into this machine's folder is left as it is.
 */
@Injectable()
export class LowLatency implements OnModuleInit, OnApplicationShutdown {
  private readonly alarms = new Alarms();
  /** What was found out and written once is for all players. */
  private readonly ends = new WeakMap<LiveSnapshot, Promise<OpenEnd | null>>();
  private readonly written = new WeakMap<LiveSnapshot, Written>();
  private unlisten: readonly (() => void)[] = [];

  constructor(
    @Inject(Playlists) private readonly playlists: Pick<Playlists, 'live' | 'liveSnapshot' | 'listen'>,
    @Inject(PartsFollower) private readonly follower: Pick<PartsFollower, 'follow' | 'of' | 'newestSequence' | 'longestUs' | 'listen'>,
    @Inject(VEDETTE_CONFIG) private readonly config: Pick<VedetteConfig, 'mediaDir' | 'packaging'>,
  ) {}

  onModuleInit(): void {
    const ring = (streamId: string): void => this.alarms.ring(streamId);
    this.unlisten = [this.playlists.listen(ring), this.follower.listen(ring)];
  }

  onApplicationShutdown(): void {
    for (const unlisten of this.unlisten) unlisten();
  }

  /**
   * @param awaited absent: the playlist as it is
   * @throws VD_API_NOT_FOUND, VD_API_NO_MEDIA, VD_API_PLAYLIST_AHEAD, VD_API_PLAYLIST_LATE
   */
  async playlist(streamId: string, awaited?: Awaited): Promise<string> {
    if (!this.config.packaging.lowLatency) return this.playlists.live(streamId);
    const startedMs = performance.now();
    for (;;) {
      const alarm = this.alarms.set(streamId); // before looking: what comes meanwhile is not missed
      try {
        const snapshot = await this.playlists.liveSnapshot(streamId);
        const end = await this.openEnd(snapshot);
        if (end === null) return snapshot.text;
        if (awaited === undefined || this.isReached(end, awaited)) return this.text(snapshot, end);
        this.follower.follow(end.epochId);
        this.refuseAhead(end, awaited);
        const leftMs = startedMs + NAMED_TARGETS * end.targetSeconds * 1000 - performance.now();
        // Now and then it is looked whether the epoch is still followed, and asked for again.
        if (leftMs <= 0 || (!(await doneWithin(Math.min(leftMs, 1000), alarm.rung)) && leftMs <= 1000))
          throw apiError('VD_API_PLAYLIST_LATE', `Media sequence ${awaited.mediaSequence} of stream ${streamId} did not come.`);
      } finally {
        alarm.clear();
      }
    }
  }

  private openEnd(snapshot: LiveSnapshot): Promise<OpenEnd | null> {
    const known = this.ends.get(snapshot) ?? this.findOpenEnd(snapshot);
    this.ends.set(snapshot, known);
    return known;
  }

  private async findOpenEnd({ window, targetSeconds }: LiveSnapshot): Promise<OpenEnd | null> {
    const epoch = window.epochs.at(-1);
    const last = epoch?.segments.at(-1);
    if (epoch === undefined || last === undefined || !epoch.open || window.ended) return null;
    if (!(await announcesParts(this.config.mediaDir, epoch.epochId))) return null;
    const { sequence } = last;
    return { epochId: epoch.epochId, targetSeconds, sequence, mediaSequence: epoch.firstMediaSequence + sequence };
  }

  private isReached(end: OpenEnd, { mediaSequence, part }: Awaited): boolean {
    const ahead = mediaSequence - end.mediaSequence;
    if (ahead < 0) return true;
    if (part === undefined) return ahead === 0;
    if (ahead === 1) return (this.known(end, 1)?.parts.length ?? 0) > part;
    if (ahead > 1) return false;
    const last = this.known(end, 0);
    // Behind the last part of a segment comes the first one of the next.
    return last?.isComplete !== true || part < last.parts.length || this.known(end, 1) !== undefined;
  }

  /** Parts of the last segment that is complete, or of those so many after it. */
  private known({ epochId, sequence }: OpenEnd, after: number): SegmentParts | undefined {
    return this.follower.of(epochId, sequence + after);
  }

  /** Where nothing was heard of the epoch's parts yet, none can be said to lie too far ahead. */
  private refuseAhead(end: OpenEnd, { mediaSequence, part = 0 }: Awaited): void {
    const ahead = mediaSequence - end.mediaSequence;
    const parts = this.known(end, ahead)?.parts.length ?? 0;
    const isFar = this.follower.newestSequence(end.epochId) !== undefined && part >= parts + ADVANCE_PARTS;
    if (ahead <= ADVANCE_SEGMENTS && !isFar) return;
    const detail = `The playlist ends with media sequence ${end.mediaSequence}; segment ${mediaSequence} has ${parts} parts so far.`;
    throw apiError('VD_API_PLAYLIST_AHEAD', detail);
  }

  private text(snapshot: LiveSnapshot, end: OpenEnd): string {
    const parts = [this.known(end, 0), this.known(end, 1)];
    const before = this.written.get(snapshot);
    if (before?.parts.every((part, i) => part === parts[i]) === true) return before.text;
    const text = this.write(snapshot, end);
    this.written.set(snapshot, { parts, text });
    return text;
  }

  private write({ window, targetSeconds }: LiveSnapshot, end: OpenEnd): string {
    const complete = new Map<number, SegmentParts>();
    let leftUs = NAMED_TARGETS * targetSeconds * 1_000_000;
    for (const { sequence, durationUs } of window.epochs.at(-1)?.segments.toReversed() ?? []) {
      const parts = this.follower.of(end.epochId, sequence);
      if (parts?.isComplete !== true || leftUs <= 0) break;
      complete.set(sequence, parts);
      leftUs -= durationUs;
    }
    const tail: LowLatencyTail = {
      partTargetUs: Math.max(PART_TARGET_US, this.follower.longestUs(end.epochId)),
      ...{ complete, open: this.known(end, 1) },
    };
    return livePlaylist(window, targetSeconds, tail);
  }
}
