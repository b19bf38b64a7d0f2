import type { EpochWire, StreamWire } from '../../src/app/api/models';
import { ticksOfFrames, usOfTick, type ClipSegment } from '../clip/clip-files.ts';
import { FPS } from '../clip/clip-scene.ts';
import { ANALYSIS_MS, ANALYZERS, type MockAnalysis } from './analysis.ts';
import type { MockFeed } from './feed.ts';
import { iso, type Stage } from './stage.ts';

/** So much has been played when the mock starts. */
const BACKLOG_MS = 90_000;
const PAUSE_POLL_MS = 200;

/** Plays the clip over and over on the live stream, an epoch a round: a backlog at once, then in real time. */
export class Broadcast {
  private readonly stream: StreamWire;
  private readonly clip: readonly ClipSegment[];
  private readonly stage: Stage;
  private readonly analysis: MockAnalysis;
  private readonly feed: MockFeed;
  private isOnAir = true;

  constructor(stream: StreamWire, clip: readonly ClipSegment[], stage: Stage, analysis: MockAnalysis, feed: MockFeed) {
    this.stream = stream;
    this.clip = clip;
    this.stage = stage;
    this.analysis = analysis;
    this.feed = feed;
  }

  async play(): Promise<never> {
    let startMs = Date.now() - BACKLOG_MS;
    for (;;) {
      const epoch = this.openEpoch(startMs);
      for (const [sequence, entry] of this.clip.entries()) {
        const readyMs = startMs + durationMs(entry);
        if (readyMs > Date.now()) await pause(readyMs - Date.now());
        while (!this.isOnAir) await pause(PAUSE_POLL_MS);
        if (epoch.state === 'closed') {
          startMs = Date.now() - durationMs(entry);
          break;
        }
        this.publish(epoch, entry, sequence, startMs);
        startMs += durationMs(entry);
      }
      if (epoch.state === 'open') this.closeEpoch(epoch, startMs);
    }
  }

  /** Takes the stream off the air, or brings it back. */
  toggle(): void {
    this.isOnAir = !this.isOnAir;
    if (!this.isOnAir && this.stream.epoch?.state === 'open') this.closeEpoch(this.stream.epoch, Date.now());
    Object.assign(this.stream, {
      state: this.isOnAir ? 'live' : 'retrying',
      stateDetail: this.isOnAir ? null : 'The publisher fell silent',
      stateAt: iso(Date.now()),
    } satisfies Partial<StreamWire>);
    this.feed.say({ type: 'stream.changed', stream: this.stream });
  }

  private openEpoch(startMs: number): EpochWire {
    const epoch = this.stage.makeEpoch(this.stream.id, this.stage.store.epochs.length + 1, startMs, null);
    this.stage.keep('epochs', [epoch]);
    this.stream.epoch = epoch;
    this.feed.say({ type: 'epoch.opened', epoch });
    this.feed.say({ type: 'stream.changed', stream: this.stream });
    return epoch;
  }

  private closeEpoch(epoch: EpochWire, endMs: number): void {
    this.analysis.events.closeAll(endMs);
    Object.assign(epoch, { state: 'closed', endedAt: iso(endMs), endReason: 'publisher-gone' } satisfies Partial<EpochWire>);
    this.feed.say({ type: 'epoch.closed', epoch });
  }

  private publish(epoch: EpochWire, entry: ClipSegment, sequence: number, startMs: number): void {
    const segment = {
      id: this.stage.nextId(),
      streamId: this.stream.id,
      epochId: epoch.id,
      sequence,
      state: 'ready' as const,
      url: `/streaming/${this.stream.id}/${epoch.id}/${String(sequence).padStart(6, '0')}.ts`,
      sizeBytes: entry.sizeBytes,
      ptsStartUs: usOfTick(entry.firstTick),
      ptsEndUs: usOfTick(entry.firstTick + ticksOfFrames(entry.frames)),
      frameCount: entry.frames,
      keyframeCount: 1,
      at: iso(startMs),
    };
    this.stage.keep('segments', [segment]);
    this.feed.say({ type: 'segment.ready', segment });
    setTimeout(() => {
      for (const analyzer of ANALYZERS) {
        const finished = this.analysis.finish(analyzer, epoch, entry, segment);
        this.stage.keep('runs', [finished.run]);
        this.stage.keep('detections', finished.detections);
        this.stage.keep('metrics', finished.metrics);
        this.stage.keep('observations', finished.observations);
        const { events } = this.stage.store;
        this.stage.keep(
          'events',
          finished.events.filter((event) => !events.includes(event)),
        );
        this.feed.say(finished);
      }
    }, ANALYSIS_MS);
  }
}

const durationMs = (entry: ClipSegment): number => (entry.frames / FPS) * 1000;
const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
