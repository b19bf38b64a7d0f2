import { judgeLive } from '../health/live-rules.js';
import { streamCodes, type StreamHealthCode } from '../health/stream-codes.js';
import type { LiveMeasures } from '../health/stream-measures.js';
import { sentenceOf } from '../health/health-issue.js';
import type { PackagerProgress } from '../media/packaging/packager.js';
import type { ProbedSegment } from '../persistence/ledger/ingest-ledger.js';

export interface LiveLimits {
  /** `packaging.silenceTimeout`: a track of which nothing comes for this long is silent. */
  readonly silenceTimeoutMs: number;
  /** `packaging.segmentDuration` */
  readonly segmentDurationMs: number;
}

/** Encoders left alone send a keyframe every 8 to 10 s; later than that a person wants to know why nothing is analysed. */
const KEYFRAME_LIMIT_MS = 9000;
const KEYFRAME_LIMIT_SEGMENTS = 3;
/** A track that always comes seldom is silent after this many times its usual pause. */
const USUAL_PAUSES = 2;
const USUAL_INTERVALS = 1.5;

/** What can be wrong with an epoch that goes on, the gravest first. */
const ORDER = [
  'recording-interrupted',
  'segment-unreadable',
  'no-picture',
  'no-keyframe',
  'sound-gone',
  'intra-refresh',
] as const satisfies StreamHealthCode[];
type Trouble = (typeof ORDER)[number];

/**
 * Judges a live epoch by what each of its tracks gives, in media time: by what the packager takes in and by the segments that come of
 * it. One track that goes on does not make up for another that has stopped.
 */
export class LiveHealth {
  private readonly troubles = new Map<Trouble, string>();
  private told: string | undefined;
  private positionUs: number | undefined;
  private videoFrames = 0;
  /** Where the packager was when pictures came last, and the longest pause between them lately. */
  private pictureAtUs = 0;
  private pauseUs = 0;
  /** Where it was when the last segment came. */
  private segmentAtUs: number | undefined;
  private intervalUs = 0;
  private announcedSound = false;
  private noPictureMs: number | null = null;
  private noKeyframeMs: number | null = null;
  private writeFault: string | null = null;
  private framesLostByCause: LiveMeasures['framesLostByCause'] = null;

  /** @param tell hears what is wrong now, or that nothing is, whenever that changes */
  constructor(
    private readonly limits: LiveLimits,
    private readonly tell: (trouble: string | undefined) => void,
  ) {}

  /** As of the latest progress. */
  get measures(): LiveMeasures {
    const { noPictureMs, noKeyframeMs, writeFault, framesLostByCause } = this;
    return { noPictureMs, noKeyframeMs, writeFault, declaredFrameRateFps: null, framesLostByCause };
  }

  progress({ videoFrames, positionUs, writeFault, lostFrames }: PackagerProgress): void {
    this.writeFault = writeFault?.message ?? null;
    this.framesLostByCause = lostFrames ?? null;
    const before = this.positionUs ?? positionUs;
    this.positionUs = positionUs;
    this.segmentAtUs ??= positionUs;
    if (videoFrames > this.videoFrames) {
      this.pauseUs = this.videoFrames === 0 ? 0 : Math.max(0, before - this.pictureAtUs);
      // While there were no pictures, none could be a keyframe.
      if (this.troubles.has('no-picture')) this.segmentAtUs = positionUs;
      this.videoFrames = videoFrames;
      this.pictureAtUs = positionUs;
    }
    const silentUs = this.videoFrames === 0 ? 0 : positionUs - this.pictureAtUs;
    const isSilent = silentUs >= Math.max(this.limits.silenceTimeoutMs * 1000, USUAL_PAUSES * this.pauseUs);
    const openUs = positionUs - this.segmentAtUs;
    const leastMs = Math.max(KEYFRAME_LIMIT_MS, KEYFRAME_LIMIT_SEGMENTS * this.limits.segmentDurationMs);
    const limitUs = Math.max(leastMs * 1000, USUAL_INTERVALS * this.intervalUs);
    const isLong = this.videoFrames > 0 && !isSilent && openUs >= limitUs;
    this.noPictureMs = isSilent ? silentUs / 1000 : null;
    this.noKeyframeMs = isLong ? openUs / 1000 : null;
    const now = judgeLive(this.measures, 0);
    for (const code of ['recording-interrupted', 'no-picture', 'no-keyframe'] as const)
      this.set(code, now.find((issue) => issue.code === code)?.reason);
    this.settle();
  }

  segment({ sequence, state, error, frameCount, keyframePtsUs, hasSound }: ProbedSegment): void {
    if (this.positionUs !== undefined && this.segmentAtUs !== undefined) this.intervalUs = this.positionUs - this.segmentAtUs;
    this.segmentAtUs = this.positionUs;
    this.set('segment-unreadable', state === 'unreadable' ? `Segment ${sequence} is lost (${error})` : undefined);
    if (state === 'ready') {
      this.announcedSound ||= hasSound === true;
      const isSoundGone = this.announcedSound && hasSound === false;
      this.set('sound-gone', isSoundGone ? `No sound since segment ${sequence}, which there was before` : undefined);
      const isRefresh = frameCount > 0 && keyframePtsUs.length === 0;
      this.set('intra-refresh', isRefresh ? 'The pictures have no keyframes (intra refresh)' : undefined);
    }
    this.settle();
  }

  private set(trouble: Trouble, reason: string | undefined): void {
    if (reason === undefined) this.troubles.delete(trouble);
    // What was told first stays: a count that goes up is no news.
    else if (!this.troubles.has(trouble) || trouble === 'segment-unreadable')
      this.troubles.set(trouble, sentenceOf({ reason, fix: streamCodes[trouble].fix }));
  }

  private settle(): void {
    const gravest = ORDER.find((trouble) => this.troubles.has(trouble));
    const text = gravest === undefined ? undefined : this.troubles.get(gravest);
    if (text === this.told) return;
    this.told = text;
    this.tell(text);
  }
}
