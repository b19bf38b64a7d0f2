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
const SECONDS_US = 1_000_000;

/** What can be wrong with an epoch that goes on, the gravest first, and how to mend it. */
type Trouble = 'not-written' | 'lost' | 'no-picture' | 'no-keyframe' | 'no-sound' | 'refresh';
const ORDER: readonly Trouble[] = ['not-written', 'lost', 'no-picture', 'no-keyframe', 'no-sound', 'refresh'];

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

  /** @param tell hears what is wrong now, or that nothing is, whenever that changes */
  constructor(
    private readonly limits: LiveLimits,
    private readonly tell: (trouble: string | undefined) => void,
  ) {}

  progress({ videoFrames, positionUs, writeFault }: PackagerProgress): void {
    this.set(
      'not-written',
      writeFault !== undefined &&
        `Recording is interrupted, which is no fault of the source: ${writeFault.message}. It goes on by itself when the disk takes data ` +
          'again',
    );
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
    this.set(
      'no-picture',
      isSilent &&
        `No picture for ${seconds(silentUs)} s while the sound goes on: look at the camera, its cable and the encoder's picture ` +
          'source',
    );
    const openUs = positionUs - this.segmentAtUs;
    const leastMs = Math.max(KEYFRAME_LIMIT_MS, KEYFRAME_LIMIT_SEGMENTS * this.limits.segmentDurationMs);
    const limitUs = Math.max(leastMs * 1000, USUAL_INTERVALS * this.intervalUs);
    const isLong = this.videoFrames > 0 && !isSilent && openUs >= limitUs;
    this.set(
      'no-keyframe',
      isLong &&
        `No keyframe for ${seconds(openUs)} s, so that no segment ends and nothing is analysed: set the encoder's keyframe interval to 2 s`,
    );
    this.settle();
  }

  segment({ sequence, state, error, frameCount, keyframePtsUs, hasSound }: ProbedSegment): void {
    if (this.positionUs !== undefined && this.segmentAtUs !== undefined) this.intervalUs = this.positionUs - this.segmentAtUs;
    this.segmentAtUs = this.positionUs;
    this.set('lost', state === 'unreadable' && `Segment ${sequence} is lost: ${error}`);
    if (state === 'ready') {
      this.announcedSound ||= hasSound === true;
      this.set(
        'no-sound',
        this.announcedSound &&
          hasSound === false &&
          `No sound since segment ${sequence}, which there was before: look at the encoder's sound source`,
      );
      const isRefresh = frameCount > 0 && keyframePtsUs.length === 0;
      this.set(
        'refresh',
        isRefresh &&
          'The pictures have no keyframes (intra refresh): players cannot begin, and what follows a gap is lost. Switch intra refresh ' +
            'off in the encoder and set a keyframe interval of 2 s',
      );
    }
    this.settle();
  }

  private set(trouble: Trouble, text: string | false): void {
    if (text === false) this.troubles.delete(trouble);
    // What was told first stays: a count that goes up is no news.
    else if (!this.troubles.has(trouble) || trouble === 'lost') this.troubles.set(trouble, text);
  }

  private settle(): void {
    const gravest = ORDER.find((trouble) => this.troubles.has(trouble));
    const text = gravest === undefined ? undefined : this.troubles.get(gravest);
    if (text === this.told) return;
    this.told = text;
    this.tell(text);
  }
}

const seconds = (us: number): string => (us / SECONDS_US).toFixed(0);
