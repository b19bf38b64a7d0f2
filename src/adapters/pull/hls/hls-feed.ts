import { createDecipheriv } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { CodedError, type Logger, type OpenMedia } from 'vedette/plugin';
import { pullError } from '../errors.js';
import { give, type Feed } from '../feed.js';
import type { GuardedHttp } from '../http/guarded-http.js';
import { readPlaylist, type HlsKey, type HlsResource, type HlsSegment, type MediaPlaylist } from './hls-playlist.js';

const MAX_KEY_BYTES = 16;
const MAX_MAP_BYTES = 4 * 1024 ** 2;
const MAX_SEGMENT_BYTES = 256 * 1024 ** 2;
/** A playlist that cannot be had for a moment ends nothing. */
const FETCHES = 3;
const MIN_WAIT_MS = 250;
/** With which each packet of MPEG-TS begins. */
const SYNC_BYTE = 0x47;

export interface HlsNotes {
  readonly logger: Pick<Logger, 'warn'>;
  notice(text: string): void;
}

/**
 * A live HLS stream, from the segment that was the last one when it began. Playlists, segments and keys are fetched here, each by the
 * guard's leave; what reads the media opens nothing.
 */
export class HlsFeed implements Feed {
  readonly request: Feed['request'];
  readonly pauseMs: number;
  readonly behindMs: number;
  private next: number;
  private map: HlsResource | undefined;
  private hasBegun = false;

  private constructor(
    private readonly http: GuardedHttp,
    private readonly url: URL,
    private playlist: MediaPlaylist,
    private readonly notes: HlsNotes,
    private readonly signal: AbortSignal,
  ) {
    const last = playlist.segments.at(-1)!;
    this.next = last.sequence;
    this.map = last.map;
    // Fragmented MP4 begins with its map.
    this.request = { format: last.map === undefined ? 'mpegts' : 'mov', stamps: 'media' };
    this.pauseMs = 3000 * playlist.targetS;
    this.behindMs = Math.round(1000 * last.durationS);
  }

  /** @throws VD_PULL_* */
  static async open(http: GuardedHttp, url: URL, notes: HlsNotes, signal: AbortSignal): Promise<HlsFeed> {
    const first = await load(http, url);
    let { playlist, url: at } = first;
    if (playlist.kind === 'master') {
      const [best] = [...playlist.variants].sort((a, b) => b.bandwidth - a.bandwidth);
      if (best!.hasOwnAudio) notes.notice('Its sound is in a playlist of its own and is not kept');
      ({ playlist, url: at } = await load(http, best!.url));
    }
    if (playlist.kind === 'master') throw pullError('VD_PULL_PLAYLIST', `The playlist of ${at.host} names playlists of playlists`);
    if (playlist.hasEnded) throw pullError('VD_PULL_NOT_LIVE', `The playlist of ${at.host} is not of a live stream`);
    if (playlist.segments.length === 0) throw pullError('VD_PULL_NO_MEDIA', `The playlist of ${at.host} names no segment yet`);
    return new HlsFeed(http, at, playlist, notes, signal);
  }

  async run(media: Pick<OpenMedia, 'write' | 'drained'>): Promise<void> {
    if (this.map !== undefined) await give(media, await this.http.bytes(this.map.url, MAX_MAP_BYTES, this.map.range));
    for (;;) {
      const fresh = this.playlist.segments.filter(({ sequence }) => sequence >= this.next);
      for (const segment of fresh) await this.take(media, segment);
      if (this.playlist.hasEnded) throw pullError('VD_PULL_ENDED', `The playlist of ${this.url.host} has ended`);
      const waitMs = this.playlist.targetS * (fresh.length > 0 ? 1000 : 500);
      await delay(Math.max(MIN_WAIT_MS, waitMs), undefined, { signal: this.signal });
      this.playlist = await this.again();
    }
  }

  private async take(media: Pick<OpenMedia, 'write' | 'drained'>, segment: HlsSegment): Promise<void> {
    if (!isSame(segment.map, this.map)) throw pullError('VD_PULL_ENDED', `${this.url.host} begins anew, with another format`);
    if (segment.sequence > this.next) {
      const missed = segment.sequence - this.next;
      this.notes.logger.warn('Segments had left the playlist before they were fetched', { missed });
      this.notes.notice('Segments leave its playlist before they can be fetched');
    }
    const { url, range, key, sequence } = segment;
    this.next = sequence + 1;
    try {
      const chunks = key === undefined ? this.http.chunks(await this.http.get(url, range)) : [await this.decrypted(segment, key)];
      for await (const chunk of chunks) await this.give(media, chunk);
    } catch (error) {
      const isGone = error instanceof CodedError && error.code === 'VD_PULL_NOT_FOUND' && this.hasBegun;
      if (!isGone) throw error;
      this.notes.logger.warn('A segment that the playlist names is not there', { sequence });
      this.notes.notice('Segments that its playlist names are not there');
    }
  }

  private async give(media: Pick<OpenMedia, 'write' | 'drained'>, chunk: Buffer): Promise<void> {
    if (!this.hasBegun && this.map === undefined && chunk[0] !== SYNC_BYTE)
      throw pullError('VD_PULL_NOT_MEDIA', `The segments of ${this.url.host} are neither MPEG-TS nor fragmented MP4`);
    this.hasBegun = true;
    await give(media, chunk);
  }

  private async decrypted({ url, range, sequence }: HlsSegment, { url: keyUrl, iv }: HlsKey): Promise<Buffer> {
    const key = await this.http.bytes(keyUrl, MAX_KEY_BYTES);
    const coded = await this.http.bytes(url, MAX_SEGMENT_BYTES, range);
    const counted = Buffer.alloc(16);
    counted.writeBigUInt64BE(BigInt(sequence), 8);
    try {
      const cipher = createDecipheriv('aes-128-cbc', key, iv ?? counted);
      return Buffer.concat([cipher.update(coded), cipher.final()]);
    } catch (cause) {
      throw pullError('VD_PULL_PLAYLIST', `A segment of ${url.host} cannot be decrypted with its key`, { cause });
    }
  }

  private async again(): Promise<MediaPlaylist> {
    for (let attempt = 1; ; attempt++) {
      try {
        const { playlist, url } = await load(this.http, this.url);
        if (playlist.kind === 'media') return this.inOrder(playlist);
        throw pullError('VD_PULL_PLAYLIST', `The playlist of ${url.host} has become one of playlists`);
      } catch (error) {
        const isLast = attempt === FETCHES || !(error instanceof CodedError) || error.code === 'VD_PULL_ADDRESS_REFUSED';
        if (isLast) throw error;
        await delay(500 * this.playlist.targetS, undefined, { signal: this.signal });
      }
    }
  }

  /** A server that was restarted counts from its beginning again. */
  private inOrder(playlist: MediaPlaylist): MediaPlaylist {
    const last = playlist.segments.at(-1);
    if (last !== undefined && last.sequence < this.next - 1) throw pullError('VD_PULL_ENDED', `${this.url.host} counts its segments anew`);
    return playlist;
  }
}

async function load(http: GuardedHttp, url: URL) {
  const answer = await http.text(url);
  return { playlist: readPlaylist(answer.text, answer.url), url: answer.url };
}

const isSame = (a: HlsResource | undefined, b: HlsResource | undefined): boolean =>
  a?.url.href === b?.url.href && a?.range?.offset === b?.range?.offset && a?.range?.length === b?.range?.length;
