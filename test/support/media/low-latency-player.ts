import type { ApiApp } from '../api-app.js';
import { PlaylistWatch, type MediaPlaylist } from './hls-conformance.js';
import type { PlaylistPart } from './part-conformance.js';

/** A part that was fetched as soon as it was named. */
export interface FetchedPart {
  readonly part: PlaylistPart;
  readonly bytes: Buffer;
  /** Its segment was not complete when it was named. */
  readonly isEarly: boolean;
}

/** Follows a live playlist as players of Low-Latency HLS do: each request waits for what comes next. Every answer must conform. */
export class LowLatencyPlayer {
  /** By segment, as the playlist names it. */
  readonly fetched = new Map<string, FetchedPart[]>();
  readonly path: string;
  private readonly watch = new PlaylistWatch();

  constructor(
    private readonly api: ApiApp,
    readonly streamId: string,
    private readonly cookie: string,
  ) {
    this.path = `/streaming/${streamId}/live.m3u8`;
  }

  /** @param query `?_HLS_msn=…`; absent: the playlist as it is */
  get(query = ''): Promise<Response> {
    return this.api.call('GET', this.path + query, { cookie: this.cookie });
  }

  range(uri: string, range: string): Promise<Response> {
    return this.api.call('GET', `/streaming/${this.streamId}/${uri}`, { cookie: this.cookie, headers: { range } });
  }

  /** @returns null while there is no playlist */
  async load(query = ''): Promise<MediaPlaylist | null> {
    const response = await this.get(query);
    if (!response.ok) return null;
    return this.watch.fetched(this.path, await response.text());
  }

  /** Waits for what comes after this playlist, and fetches each part that is new in it. */
  async next(before: MediaPlaylist): Promise<MediaPlaylist> {
    const response = await this.get(nextQuery(before));
    if (response.status !== 200) throw new Error(`${nextQuery(before)}: ${response.status} ${await response.text()}`);
    const now = this.watch.fetched(this.path, await response.text());
    for (const { uri, durationSeconds, parts } of now.lowLatency?.segments ?? []) {
      const known = this.fetched.get(uri) ?? [];
      this.fetched.set(uri, known);
      for (const part of parts.slice(known.length)) known.push(await this.fetchPart(part, durationSeconds === null));
    }
    return now;
  }

  private async fetchPart(part: PlaylistPart, isEarly: boolean): Promise<FetchedPart> {
    const { uri, offsetBytes, sizeBytes } = part;
    const response = await this.range(uri, `bytes=${offsetBytes}-${offsetBytes + sizeBytes - 1}`);
    const bytes = Buffer.from(await response.arrayBuffer());
    if (response.status !== 206 || bytes.length !== sizeBytes)
      throw new Error(`${uri} ${sizeBytes}@${offsetBytes}: ${response.status}, ${bytes.length} bytes`);
    return { part, bytes, isEarly };
  }
}

/** What follows the end of a playlist. */
export function nextQuery({ mediaSequence, segments, lowLatency }: MediaPlaylist): string {
  const next = mediaSequence + segments.length;
  const last = lowLatency?.segments.at(-1);
  if (last === undefined || last.parts.length === 0) return `?_HLS_msn=${next}`;
  return last.durationSeconds === null ? `?_HLS_msn=${next}&_HLS_part=${last.parts.length}` : `?_HLS_msn=${next}&_HLS_part=0`;
}
