import { Inject, Injectable } from '@nestjs/common';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import { clipError } from '../../errors/clip.errors.js';
import { ClipMediaReads } from '../../persistence/clips/clip-media.js';
import type { Clip, ClipLimits, NewClip } from '../../persistence/clips/clip-store.js';
import type { ClipBody, ClipResultWire, ClipWire } from '../../wire/clips.wire.js';
import type { Principal } from '../auth/principal.js';
import { StreamAccess } from './stream-access.js';

type Asked = Pick<ClipBody, 'streamId' | 'from' | 'to' | 'epochId' | 'fromPtsUs' | 'toPtsUs' | 'mode' | 'title'>;

/** Clocks differ, and what is live is written segment by segment: a range may end so much later than now. */
const AHEAD_MS = 2_000;
/** What is encoded anew may take more room than what was recorded. */
const GROWTH = { copy: 1.05, exact: 1.2, burned: 1.5 } as const;
const LEAST_BYTES = 1024 ** 2;

/** Turns what somebody asks for into a clip to be made. */
@Injectable()
export class ClipRequests {
  constructor(
    private readonly access: StreamAccess,
    private readonly media: ClipMediaReads,
    @Inject(VEDETTE_CONFIG) private readonly config: VedetteConfig,
  ) {}

  get limits(): ClipLimits {
    return { maxAgeMs: this.config.clips.maxAge, maxSizeBytes: this.config.clips.maxSize };
  }

  /** @throws VD_API_NOT_FOUND, VD_CLIP_RANGE_INVALID, VD_CLIP_NOT_YET, VD_CLIP_NOTHING_THERE */
  async resolve(asked: Asked, principal: Principal, nowMs = Date.now()): Promise<NewClip> {
    const { streamId, mode } = asked;
    const { wire } = await this.access.evenRemoved(streamId, principal);
    const range = await this.range(asked);
    const { fromMs, toMs, pts } = range;
    const lengthMs = toMs - fromMs;
    if (lengthMs < 0) throw clipError('VD_CLIP_RANGE_INVALID', 'The range ends before it begins.');
    if (lengthMs > this.config.clips.maxDuration)
      throw clipError(
        'VD_CLIP_RANGE_INVALID',
        `The range lasts ${lengthMs} ms; \`clips.maxDuration\` is ${this.config.clips.maxDuration} ms.`,
      );
    if (toMs > nowMs + AHEAD_MS) {
      const untilMs = (await this.media.recordedUntilMs(streamId, pts?.epochId ?? null)) ?? nowMs;
      const [asks, until] = [new Date(toMs).toISOString(), new Date(Math.min(untilMs, nowMs)).toISOString()];
      throw clipError('VD_CLIP_NOT_YET', `The range ends at ${asks}; the stream is recorded until ${until}.`);
    }
    const epochs = await this.media.of({ streamId, ...range });
    const segments = epochs.flatMap((epoch) => epoch.segments);
    const isRecording = toMs > nowMs - this.config.packaging.segmentDuration * 4;
    if (segments.length === 0 && !isRecording)
      throw clipError('VD_CLIP_NOTHING_THERE', `Stream ${streamId} has no media that can be read there.`);
    const estimateBytes = Math.ceil(segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, LEAST_BYTES) * GROWTH[mode]);
    return { streamId, caseId: null, title: asked.title ?? wire.title, mode, ...range, estimateBytes };
  }

  private async range({ streamId, from, to, epochId, fromPtsUs, toPtsUs }: Asked): Promise<Pick<NewClip, 'fromMs' | 'toMs' | 'pts'>> {
    const isByClock = from !== undefined && to !== undefined && epochId === undefined && fromPtsUs === undefined && toPtsUs === undefined;
    if (isByClock) return { fromMs: Date.parse(from), toMs: Date.parse(to), pts: null };
    if (from !== undefined || to !== undefined || epochId === undefined || fromPtsUs === undefined || toPtsUs === undefined)
      throw clipError('VD_CLIP_RANGE_INVALID', 'from: give `from` and `to`, or `epochId`, `fromPtsUs` and `toPtsUs`');
    const epoch = await this.media.timeOf(streamId, epochId);
    if (epoch === null) throw clipError('VD_CLIP_NOTHING_THERE', `Stream ${streamId} has no epoch ${epochId} with media.`);
    const msAt = (ptsUs: number): number => {
      const ms = Math.round(epoch.startedAtMs + (ptsUs - epoch.ptsOriginUs) / 1_000);
      if (ms < 0 || ms > Date.UTC(9999, 0, 1)) throw clipError('VD_CLIP_RANGE_INVALID', `${ptsUs} µs of the epoch is no time.`);
      return ms;
    };
    return { fromMs: msAt(fromPtsUs), toMs: msAt(toPtsUs), pts: { epochId, fromPtsUs, toPtsUs } };
  }
}

export function clipWireOf(clip: Clip): ClipWire {
  const { fromMs, toMs, pts, estimateBytes: _estimate, host: _host, createdAt, startedAt, finishedAt, expiresAt, result, ...rest } = clip;
  return {
    ...rest,
    ...{ from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString(), createdAt: createdAt.toISOString() },
    ...{ startedAt: startedAt?.toISOString() ?? null, finishedAt: finishedAt?.toISOString() ?? null, expiresAt: expiresAt.toISOString() },
    ...{ epochId: pts?.epochId ?? null, fromPtsUs: pts?.fromPtsUs ?? null, toPtsUs: pts?.toPtsUs ?? null },
    result: result as ClipResultWire | null,
  };
}
