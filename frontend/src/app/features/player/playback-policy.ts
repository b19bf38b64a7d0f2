import { computed, type Signal } from '@angular/core';
import type { StreamWire } from '../../api/models';
import type { DisplayedFrame, PastRange } from '../../core/player-clock';
import type { StreamView } from '../../core/stream-view';
import type { EngineState } from './hls-engine';

/** Of a new epoch, in media, before it is played: with less the picture would stop again to wait for the next segment. */
export const ENOUGH_US = 3_000_000;
/** Silence after which a stream that is no longer live counts as played out. */
export const PLAYED_OUT_MS = 4_000;
/** Drifted so far without the viewer asking for it: back to the edge. */
export const DRIFT_LIMIT_SECONDS = 14;

const BUSY: readonly EngineState[] = ['loading', 'awaiting-media', 'buffering', 'recovering'];
const AT_AN_END: readonly EngineState[] = ['buffering', 'ended'];
const WITHOUT_PICTURE: readonly EngineState[] = [...BUSY, 'ended', 'failed'];

/** What the policy needs of the engine. */
export interface PlaybackEngine {
  readonly state: Signal<EngineState>;
  readonly loadedUrl: string | null;
  readonly behindLiveSeconds: number;
  load(url: string, startAtMs?: number | null): Promise<void>;
  awaitMedia(url: string): void;
  unload(): void;
  goLive(): void;
}

export interface PlaybackParts {
  readonly stream: Signal<StreamWire>;
  /** What is played of the past; null: what is live. */
  readonly past: Signal<Pick<PastRange, 'url' | 'start'> | null>;
  readonly view: Signal<Pick<StreamView, 'revision' | 'segments'>>;
  /** Null until the video element is there. */
  readonly engine: Signal<PlaybackEngine | null>;
  /** The frame on the screen. */
  readonly shown: Signal<DisplayedFrame | null>;
  /** False once the viewer stopped or went back. */
  readonly following: Signal<boolean>;
  /** Clears what is drawn over the picture. */
  clearOverlay(): void;
  /** Calls back once after `delayMs`; the returned function cancels. */
  after(delayMs: number, run: () => void): () => void;
}

/**
 * When to load, wait, go on to the next epoch, return to the live edge and stop: decisions about playback, apart from the component
 * that shows it. The component runs each method in an effect of its own.
 */
export class PlaybackPolicy {
  readonly engineState = computed(() => this.parts.engine()?.state() ?? 'idle');
  readonly isPaused = computed(() => ['paused', 'ended'].includes(this.engineState()));
  readonly isBusy = computed(() => BUSY.includes(this.engineState()));
  private readonly isPast = computed(() => this.parts.past() !== null);
  /** Nothing comes and nothing is left to play. */
  readonly isOffline = computed(() => !this.isPast() && this.parts.stream().state !== 'live' && this.engineState() === 'idle');
  /** Nothing comes any more; what is buffered still plays. */
  readonly isEnding = computed(() => !this.isPast() && this.parts.stream().state !== 'live' && this.engineState() !== 'idle');

  /** What is played, and whether there is media enough to begin; null while the stream is not live and nothing of its past is asked for. */
  readonly source = computed(
    () => {
      const past = this.parts.past();
      if (past !== null) return { url: past.url, isReady: true, startAtMs: past.start.atMs };
      const { state, playlistUrl, epoch } = this.parts.stream();
      const view = this.parts.view();
      view.revision();
      if (state !== 'live') return null;
      return { url: playlistUrl, isReady: epoch !== null && view.segments.lengthUs(epoch.id) >= ENOUGH_US, startAtMs: null };
    },
    { equal: (a, b) => a?.url === b?.url && a?.isReady === b?.isReady },
  );
  /** The picture has reached the end of an epoch and the next one can be played, whether or not the playlist was ended. */
  readonly nextEpochUrl = computed(() => {
    const source = this.source();
    const shown = this.parts.shown()?.epochId;
    if (source === null || source.startAtMs !== null || !source.isReady || !AT_AN_END.includes(this.engineState())) return null;
    return shown === undefined || shown === this.parts.stream().epoch?.id ? null : source.url;
  });
  private readonly isPlayedOut = computed(() => this.isEnding() && WITHOUT_PICTURE.includes(this.engineState()));
  private cancelPlayedOut: (() => void) | null = null;

  constructor(private readonly parts: PlaybackParts) {}

  /** Loads what is not loaded yet. Before its first segments there is nothing to load, or only the end of the epoch before. */
  open(source: { readonly url: string; readonly isReady: boolean; readonly startAtMs: number | null } | null): void {
    const engine = this.parts.engine();
    if (engine === null || source === null) return;
    if (engine.loadedUrl === source.url && engine.state() !== 'failed') return;
    if (source.isReady) void engine.load(source.url, source.startAtMs);
    else engine.awaitMedia(source.url);
  }

  goOnTo(url: string | null): void {
    const engine = this.parts.engine();
    if (engine === null || url === null) return;
    this.parts.clearOverlay();
    void engine.load(url);
  }

  /** After its end a stream plays out what is buffered; then the offline view takes its place. Call in an effect. */
  playOut(): void {
    this.cancelPlayedOut?.();
    this.cancelPlayedOut = this.isPlayedOut()
      ? this.parts.after(PLAYED_OUT_MS, () => {
          this.parts.engine()?.unload();
          this.parts.clearOverlay();
        })
      : null;
  }

  /** Back to the live edge, if the viewer follows it. */
  catchUp(): void {
    const engine = this.parts.engine();
    if (engine === null || !this.parts.following() || this.isPaused()) return;
    if (engine.behindLiveSeconds > DRIFT_LIMIT_SECONDS) engine.goLive();
  }

  dispose(): void {
    this.cancelPlayedOut?.();
  }
}
