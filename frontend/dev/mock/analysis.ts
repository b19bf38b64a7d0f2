import type { DetectionWire, EpochWire, MetricWire, ObservationWire, RunFinished, SegmentWire } from '../../src/app/api/models';
import { ticksOfFrames, usOfTick, type ClipSegment } from '../clip/clip-files.ts';
import { FPS, moodOf, shownFrame, thingsIn } from '../clip/clip-scene.ts';
import { PictureEvents, type Moment } from './picture-events.ts';
import { iso } from './stage.ts';

export interface MockAnalyzer {
  readonly id: string;
  readonly title: string;
  readonly queue: string;
}

const OBJECTS: MockAnalyzer = { id: 'object-detection.objects', title: 'Object detection', queue: 'default' };
const PICTURE: MockAnalyzer = { id: 'visual-analysis.picture', title: 'Visual analysis', queue: 'visual_analysis' };
export const ANALYZERS: readonly MockAnalyzer[] = [OBJECTS, PICTURE];
/** From a segment's end to its results. */
export const ANALYSIS_MS = 900;
/** So many runs are skipped as if for overload. */
const SKIPPED_SHARE = 0.02;

type Findings = Pick<RunFinished, 'detections' | 'metrics' | 'events' | 'observations'>;
/** What a result says beside what was found. */
type Place = (moment: Moment, ordinal: number) => Omit<MetricWire, 'name' | 'unit' | 'value'>;

/** Acts the analyzers: what they find is what the clip is known to show. */
export class MockAnalysis {
  readonly events: PictureEvents;
  private readonly clipStartTick: number;
  private readonly frameStep: number;
  private readonly nextId: () => string;

  constructor(clipStartTick: number, frameStep: number, nextId: () => string) {
    this.clipStartTick = clipStartTick;
    this.frameStep = frameStep;
    this.nextId = nextId;
    this.events = new PictureEvents(nextId);
  }

  finish(analyzer: MockAnalyzer, epoch: EpochWire, entry: ClipSegment, segment: SegmentWire): Omit<RunFinished, 'cursor'> {
    const runId = this.nextId();
    const moments = this.sampled(entry, epoch);
    const isSkipped = Math.random() < SKIPPED_SHARE;
    const owner = { streamId: segment.streamId, epochId: epoch.id, analyzerId: analyzer.id };
    const place: Place = ({ ptsUs, at }, ordinal) => ({ ...owner, runId, ordinal, ptsUs, at });
    const found: Findings = { detections: [], metrics: [], events: [], observations: [] };
    if (!isSkipped && analyzer === OBJECTS) found.detections = detections(moments, place);
    if (!isSkipped && analyzer === PICTURE) {
      found.metrics = metrics(moments, place);
      found.observations = colours(moments, place);
      const changed = moments.flatMap((moment) => this.events.changedAt(moment, this.frameStep, owner));
      found.events = [...new Set(changed)];
    }
    const run: RunFinished['run'] = {
      ...owner,
      id: runId,
      segmentId: segment.id,
      sequence: segment.sequence,
      queue: analyzer.queue,
      analyzerVersion: '1.0.0',
      configHash: 'mock',
      state: isSkipped ? 'skipped' : 'done',
      attempt: 1,
      reason: isSkipped ? 'overload' : null,
      errorCode: null,
      errorMessage: null,
      strategy: 'local',
      strategyReason: 'preferred',
      executedBy: 'mock',
      framesSeen: moments.length,
      framesExpected: moments.length,
      resultCount: found.detections.length + found.metrics.length,
      wallMs: 130,
      cpuMs: 120,
      decodeCpuMs: 40,
      cost: 0,
      createdAt: iso(Date.now() - ANALYSIS_MS),
      finishedAt: iso(Date.now()),
    };
    return { type: 'run.finished', run, ...found, truncated: false };
  }

  /** The frames of a segment that are analysed. */
  private sampled(entry: ClipSegment, epoch: EpochWire): Moment[] {
    const first = Math.round(((entry.firstTick - this.clipStartTick) * FPS) / ticksOfFrames(FPS));
    const frames = Array.from({ length: entry.frames }, (_, i) => first + i).filter((frame) => frame % this.frameStep === 0);
    return frames.map((frame) => {
      const ptsUs = usOfTick(this.clipStartTick + ticksOfFrames(frame));
      return { frame, ptsUs, at: iso(Date.parse(epoch.startedAt) + (ptsUs - (epoch.ptsOriginUs ?? 0)) / 1000) };
    });
  }
}

function detections(moments: readonly Moment[], place: Place): DetectionWire[] {
  const found: Omit<DetectionWire, 'ordinal'>[] = moments
    .filter(({ frame }) => !moodOf(frame).black)
    .flatMap((moment) =>
      thingsIn(shownFrame(moment.frame)).map(({ label, score, trackId, x, y, width, height }) => ({
        ...place(moment, 0),
        label,
        score: score - 0.05 * Math.random(),
        box: { x, y, width, height },
        trackId,
        attributes: null,
      })),
    );
  return found.map((detection, ordinal) => ({ ...detection, ordinal }));
}

function metrics(moments: readonly Moment[], place: Place): MetricWire[] {
  const noise = (): number => (Math.random() - 0.5) * 0.02;
  return moments
    .flatMap((moment) => {
      const { black, frozen, day } = moodOf(moment.frame);
      const values = {
        brightness: black ? 0.01 : 0.32 + 0.3 * day + noise(),
        contrast: black ? 0.01 : 0.24 + 0.12 * day + noise(),
        sharpness: black ? 0 : 0.5 + 0.2 * Math.sin(moment.frame / 97) + noise(),
        motion: black || frozen ? 0 : 0.2 + 0.15 * Math.abs(Math.sin(moment.frame / 40)) + noise(),
      };
      return Object.entries(values).map(([name, value]) => ({ moment, name, value }));
    })
    .map(({ moment, name, value }, ordinal) => ({ ...place(moment, ordinal), name, unit: '0..1', value }));
}

/** Once a second. */
function colours(moments: readonly Moment[], place: Place): ObservationWire[] {
  return moments
    .filter(({ frame }) => frame % FPS === 0)
    .map((moment, ordinal) => {
      const { black, day } = moodOf(moment.frame);
      const shares: readonly (readonly [hex: string, share: number])[] = black
        ? [['#050607', 1]]
        : [
            ['#2b4a5e', 0.38],
            ['#7f8a6a', 0.24 * (0.5 + day)],
            ['#c68a5c', 0.2],
            ['#33383b', 0.3],
          ];
      const data = { kind: 'dominant-colours', colours: shares.map(([hex, share]) => ({ hex, share })) };
      return { ...place(moment, ordinal), type: 'classification', data };
    });
}
