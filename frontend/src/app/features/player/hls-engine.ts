import { signal } from '@angular/core';
import type Hls from 'hls.js';
import type { ErrorData, Fragment, HlsConfig, LevelDetails } from 'hls.js';
import { FragmentTimeline, parseSegmentUrl } from './fragment-timeline';

export type EngineState = 'idle' | 'loading' | 'awaiting-media' | 'playing' | 'paused' | 'buffering' | 'recovering' | 'ended' | 'failed';

export type TroubleKind = 'script' | 'browser' | 'codec' | 'nothing' | 'gone' | 'network' | 'media';

/** Why there is no picture; the texts know what to do about each kind. */
export interface Trouble {
  readonly kind: TroubleKind;
  /** For whoever looks into it, in the words of the library. */
  readonly detail: string;
}

const RETRY_MS = 1_500;
const SLOWEST_RETRY_MS = 12_000;
const MEDIA_RECOVERIES = 3;
/** A first segment takes one distance of keyframes; after this the player looks for it without having been notified. */
const UNTOLD_MS = 12_000;
/** Segments between the newest one and the picture: enough for its results to be there. */
const SEGMENTS_BEHIND = 3;

const CONFIG: Partial<HlsConfig> = {
  liveSyncDurationCount: SEGMENTS_BEHIND,
  liveDurationInfinity: true,
  lowLatencyMode: false,
  // Remuxing two seconds takes a few milliseconds; a worker would need a script outside the bundle.
  enableWorker: false,
  maxBufferLength: 20,
  backBufferLength: 150,
  // Events come by the socket; for those of the playlist it would make a track of an address that the page's policy forbids.
  enableDateRangeMetadataCues: false,
  // Of what is to be played in between a recording has none; what looks for it takes the beginning away from `startLoad`.
  enableInterstitialPlayback: false,
};

/**
 * hls.js behind a few signals: loads a live playlist, recovers by itself from what can be recovered, and keeps the
 * timeline of fragments by which a media time is traced back to a segment.
 */
export class HlsEngine {
  readonly state = signal<EngineState>('idle');
  readonly trouble = signal<Trouble | null>(null);
  /** Media times between which one may seek. */
  readonly rangeSeconds = signal<{ from: number; to: number } | null>(null);
  readonly timeline = new FragmentTimeline();

  private hls: Hls | null = null;
  private url: string | null = null;
  private generation = 0;
  private retryTimer: ReturnType<typeof setTimeout> | null = null;
  private retries = 0;
  private mediaRecoveries = 0;
  private targetSet = false;
  /** Of the past: where to begin, by the wall clock. */
  private startAtMs: number | null = null;
  private readonly detach: () => void;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly onUnauthorised: () => void,
    /** Where Vedette is, without a slash at its end; playlists are named by paths from there. */
    private readonly serverUrl: string,
  ) {
    const handlers: [string, () => void][] = [
      ['playing', () => this.played()],
      ['pause', () => this.stopped()],
      ['play', () => this.move(['paused'], 'buffering')],
      ['waiting', () => this.move(['playing'], 'buffering')],
    ];
    for (const [name, handler] of handlers) video.addEventListener(name, handler);
    this.detach = () => {
      for (const [name, handler] of handlers) video.removeEventListener(name, handler);
    };
  }

  get loadedUrl(): string | null {
    return this.url;
  }

  /** The stream is live, its first segment is yet to come: {@link load} follows when it is there, or by itself after a while. */
  awaitMedia(url: string): void {
    if (this.state() === 'awaiting-media') return;
    this.unload();
    this.state.set('awaiting-media');
    this.retryTimer = setTimeout(() => void this.load(url), UNTOLD_MS);
  }

  /** @param startAtMs of a playlist of the past: the moment to begin with; absent: the live edge */
  async load(url: string, startAtMs: number | null = null): Promise<void> {
    this.unload();
    this.url = url;
    this.startAtMs = startAtMs;
    const generation = this.generation;
    this.state.set('loading');
    let HlsClass: typeof Hls;
    try {
      HlsClass = (await import('hls.js')).default;
    } catch (error) {
      this.fail('script', String(error));
      return;
    }
    if (generation !== this.generation) return;
    if (!HlsClass.isSupported()) {
      this.fail('browser', 'Media Source Extensions are missing');
      return;
    }
    const hls = new HlsClass(CONFIG);
    this.hls = hls;
    // A new load starts a new media timeline: places on the old one would name the wrong frames.
    hls.on(HlsClass.Events.MANIFEST_LOADING, () => this.timeline.clear());
    hls.on(HlsClass.Events.LEVEL_UPDATED, (_, { details }) => this.readPlaylist(details));
    hls.on(HlsClass.Events.FRAG_BUFFERED, (_, { frag }) => {
      if (frag.type === 'main') this.place(frag as Fragment);
    });
    hls.on(HlsClass.Events.ERROR, (_, data) => this.onError(HlsClass, data));
    hls.attachMedia(this.video);
    hls.loadSource(this.serverUrl + url);
    void this.play();
  }

  unload(): void {
    this.generation++;
    if (this.retryTimer !== null) clearTimeout(this.retryTimer);
    this.retryTimer = null;
    this.hls?.destroy();
    this.hls = null;
    this.url = null;
    this.retries = this.mediaRecoveries = 0;
    this.targetSet = false;
    this.startAtMs = null;
    this.timeline.clear();
    this.rangeSeconds.set(null);
    this.trouble.set(null);
    this.state.set('idle');
  }

  destroy(): void {
    this.unload();
    this.detach();
  }

  /** Browsers refuse to start a sound by themselves, never a muted picture. */
  async play(): Promise<void> {
    try {
      await this.video.play();
    } catch {
      // Interrupted by a load or refused: the state tells, and the button is there.
    }
  }

  goLive(): void {
    const position = this.hls?.liveSyncPosition;
    if (position != null) this.video.currentTime = position;
    void this.play();
  }

  /** Distance to where live playback would be now, 0 when there. */
  get behindLiveSeconds(): number {
    const position = this.hls?.liveSyncPosition;
    return position == null ? 0 : Math.max(0, position - this.video.currentTime);
  }

  /** The event comes late: by then another stream may be loading. */
  private stopped(): void {
    if (this.video.paused) this.move(['playing', 'buffering', 'loading'], this.video.ended ? 'ended' : 'paused');
  }

  private played(): void {
    this.retries = 0;
    this.trouble.set(null);
    this.state.set('playing');
  }

  private readPlaylist(details: LevelDetails): void {
    this.timeline.expect(details.fragments.length);
    details.fragments.forEach((frag, i, all) => this.place(frag, i === 0 ? undefined : frag.cc !== all[i - 1]!.cc));
    const first = details.fragments[0];
    if (first) this.rangeSeconds.set({ from: first.start, to: details.edge });
    if (this.hls && this.startAtMs !== null) {
      this.startAt(this.hls, details, this.startAtMs);
    } else if (this.hls && !this.targetSet && details.live && details.fragments.length > 0) {
      // The declared target is rounded up (2.1 s reads 3): follow what the segments really last.
      this.targetSet = true;
      const average = details.totalduration / details.fragments.length;
      this.hls.targetLatency = Math.min(30, Math.max(4, SEGMENTS_BEHIND * average));
      this.startInNewestEpoch(this.hls, details);
    }
  }

  /** The usual place to start may lie in the epoch before, which is history: start with what is live. */
  private startInNewestEpoch(hls: Hls, { fragments }: LevelDetails): void {
    const epochOf = (frag: Fragment | undefined): string | undefined => (frag && parseSegmentUrl(frag.url)?.epochId) ?? undefined;
    const newest = epochOf(fragments.at(-1));
    const first = fragments.find((frag) => epochOf(frag) === newest);
    if (first !== undefined && (hls.liveSyncPosition ?? 0) < first.start) hls.startLoad(first.start + 0.1);
  }

  /** Begins with the fragment that was on show at a moment, or the next one that there is; behind the last one there is its end. */
  private startAt(hls: Hls, { fragments }: LevelDetails, atMs: number): void {
    if (this.targetSet) return;
    this.targetSet = true;
    const there = fragments.filter((frag) => frag.gap !== true && frag.programDateTime !== null);
    const holds = there.find((frag) => frag.programDateTime! + frag.duration * 1000 > atMs);
    const last = there.at(-1);
    if (holds) hls.startLoad(holds.start + Math.max(0, (atMs - holds.programDateTime!) / 1000));
    else if (last) hls.startLoad(Math.max(last.start, last.start + last.duration - 1));
  }

  /** @param isSeam undefined: as it was said before */
  private place(frag: Fragment, isSeam?: boolean): void {
    const name = parseSegmentUrl(frag.url);
    if (name === null) return;
    const pictures = frag.elementaryStreams.video ?? frag.elementaryStreams.audiovideo;
    this.timeline.put({
      epochId: name.epochId,
      sequence: name.sequence,
      startSeconds: frag.start,
      durationSeconds: frag.duration,
      atMs: frag.programDateTime,
      videoStartSeconds: pictures?.startPTS ?? null,
      videoEndSeconds: pictures?.endPTS ?? null,
      ...(isSeam === undefined ? {} : { isSeam }),
    });
  }

  private onError(HlsClass: typeof Hls, data: ErrorData): void {
    const status = data.response?.code ?? 0;
    if (status === 401) this.onUnauthorised();
    if (!data.fatal) return;
    const { ErrorDetails, ErrorTypes } = HlsClass;
    if (
      data.details === ErrorDetails.BUFFER_ADD_CODEC_ERROR ||
      data.details === ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR ||
      data.details === ErrorDetails.BUFFER_INCOMPATIBLE_CODECS_ERROR
    ) {
      this.fail('codec', data.details);
    } else if (this.startAtMs !== null && (status === 404 || status === 410)) {
      this.fail(status === 410 ? 'gone' : 'nothing', `HTTP ${status}`);
    } else if (data.type === ErrorTypes.NETWORK_ERROR) {
      const early = status === 404 && this.video.readyState === 0;
      this.state.set(early ? 'awaiting-media' : 'recovering');
      this.trouble.set(early ? null : { kind: 'network', detail: status > 0 ? `${data.details}, HTTP ${status}` : data.details });
      this.reload();
    } else if (data.type === ErrorTypes.MEDIA_ERROR && this.mediaRecoveries < MEDIA_RECOVERIES) {
      this.mediaRecoveries++;
      this.state.set('recovering');
      this.hls?.recoverMediaError();
      void this.play();
    } else {
      this.fail('media', data.error.message || data.details);
    }
  }

  /** A fatal network error leaves hls.js stopped: start over from the playlist. */
  private reload(): void {
    const { url, generation } = this;
    if (url === null || this.retryTimer !== null) return;
    const delayMs = Math.min(SLOWEST_RETRY_MS, RETRY_MS * 1.5 ** this.retries++);
    this.retryTimer = setTimeout(() => {
      this.retryTimer = null;
      if (generation !== this.generation) return;
      this.hls?.loadSource(this.serverUrl + url);
      this.hls?.startLoad();
      void this.play();
    }, delayMs);
  }

  private fail(kind: TroubleKind, detail: string): void {
    this.trouble.set({ kind, detail });
    this.state.set('failed');
  }

  private move(from: readonly EngineState[], to: EngineState): void {
    if (from.includes(this.state())) this.state.set(to);
  }
}
