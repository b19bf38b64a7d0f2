import { randomUUID } from 'node:crypto';
import type { EpochWire, StreamCollections, StreamWire } from '../../src/app/api/models';
import { HEIGHT, WIDTH } from '../clip/clip-scene.ts';
import { usOfTick } from '../clip/clip-files.ts';

/** What the API's fields are filled from; the arrays grow while the mock plays. */
export type Store = { readonly [Kind in keyof StreamCollections]: StreamCollections[Kind][] };
type StreamState = StreamWire['state'];

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** A list that has become longer than this loses its oldest third. */
const MAX_KEPT = 60_000;

export const iso = (ms: number): string => new Date(ms).toISOString();

/** The streams of the installation: one that is live and plays the clip over and over, and some that are not. */
export class Stage {
  readonly streams: StreamWire[] = [];
  readonly store: Store = { epochs: [], segments: [], runs: [], detections: [], metrics: [], events: [], observations: [] };
  readonly bootMs = Date.now();
  /** The stream that plays; null where there are none. */
  readonly live: StreamWire | null;
  private readonly firstTick: number;
  private lastId = 999;

  /** @param firstTick where the clip's clock begins */
  constructor(firstTick: number, isEmpty: boolean) {
    this.firstTick = firstTick;
    this.live = isEmpty ? null : this.fill();
  }

  nextId(): string {
    return String(++this.lastId);
  }

  addStream(name: string, title: string, state: StreamState, stateAtMs: number, stateDetail: string | null = null): StreamWire {
    const id = randomUUID();
    const stream: StreamWire = {
      id,
      name,
      title,
      adapterId: 'rtmp',
      enabled: true,
      private: false,
      pinnedTo: null,
      node: null,
      state,
      stateDetail,
      stateAt: iso(stateAtMs),
      createdAt: iso(state === 'pending' ? stateAtMs : this.bootMs - DAY_MS),
      epoch: null,
      playlistUrl: `/streaming/${id}/live.m3u8`,
    };
    this.streams.push(stream);
    return stream;
  }

  makeEpoch(streamId: string, ordinal: number, startedMs: number, endedMs: number | null): EpochWire {
    return {
      id: randomUUID(),
      streamId,
      ordinal,
      state: endedMs === null ? 'open' : 'closed',
      startedAt: iso(startedMs),
      endedAt: endedMs === null ? null : iso(endedMs),
      endReason: endedMs === null ? null : 'publisher-gone',
      ptsOriginUs: usOfTick(this.firstTick),
      videoCodec: 'h264',
      audioCodec: 'aac',
      widthPx: WIDTH,
      heightPx: HEIGHT,
    };
  }

  keep<Kind extends keyof StreamCollections>(kind: Kind, items: readonly StreamCollections[Kind][]): void {
    const list: StreamCollections[Kind][] = this.store[kind];
    list.push(...items);
    if (kind !== 'epochs' && list.length > MAX_KEPT) list.splice(0, MAX_KEPT / 3);
  }

  private fill(): StreamWire {
    const minutesAgo = (minutes: number): number => this.bootMs - minutes * MINUTE_MS;
    const live = this.addStream('front-gate', 'Front gate', 'live', minutesAgo(4));
    const silent = 'The publisher fell silent 48 s ago; waiting for it to come back';
    const retrying = this.addStream('loading-bay', 'Loading bay', 'retrying', minutesAgo(1), silent);
    retrying.epoch = this.makeEpoch(retrying.id, 4, minutesAgo(150), Date.parse(retrying.stateAt));
    const stopped = this.addStream('main-stage', 'Main stage', 'stopped', minutesAgo(190));
    stopped.epoch = this.makeEpoch(stopped.id, 5, minutesAgo(240), minutesAgo(140));
    this.addStream('lobby-cam', 'Lobby camera', 'failed', minutesAgo(12), 'No such device: /dev/video0');
    return live;
  }
}
