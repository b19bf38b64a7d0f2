import { Inject, Injectable } from '@nestjs/common';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { mediaError } from '../../errors/media.errors.js';
import { WALL_CLOCK, type WallClock } from '../../runtime/clocks.js';
import { MediaKey } from './media-key.js';
import { isSegmentPath, MAX_ADDRESS_CHARS, SEGMENT_PATH } from './segment-path.js';

const ADDRESS = new RegExp(`^/streaming/(${SEGMENT_PATH})\\?expires=([1-9]\\d{9})&signature=([A-Za-z0-9_-]{43})$`);
/** Clocks of machines differ: what is signed here is good for so much longer, and ends, wherever it is checked, when it says. */
const CLOCK_TOLERANCE_MS = 30_000;
/** Reading is one permission: an address for GET is one for HEAD. */
const READING = new Set(['GET', 'HEAD']);

/**
 * Signs addresses of segments and checks them. An address is `/streaming/<stream>/<epoch>/<file>?expires=<unix s>&signature=…` in
 * exactly this form, good for reading that one segment until then, and not a second longer.
 */
@Injectable()
export class SegmentSigner {
  constructor(
    @Inject(MediaKey) private readonly key: Pick<MediaKey, 'current' | 'renewed'>,
    @Inject(WALL_CLOCK) private readonly nowMs: WallClock = Date.now,
  ) {}

  /**
   * @param ttlMs for how long it is to be good on a machine whose clock is as much as 30 s ahead
   * @throws VD_MEDIA_ADDRESS_INVALID when this is not the path of a segment
   */
  async sign(path: string, ttlMs: number): Promise<string> {
    if (!isSegmentPath(path)) throw mediaError('VD_MEDIA_ADDRESS_INVALID', `${quoted(path)} is not the path of a segment`);
    const expires = String(Math.ceil((this.nowMs() + ttlMs + CLOCK_TOLERANCE_MS) / 1000));
    return `/streaming/${path}?expires=${expires}&signature=${signature(await this.key.current(), path, expires)}`;
  }

  /**
   * @param target as in the request line: path and query
   * @returns the segment's path below the media folder
   * @throws VD_MEDIA_ADDRESS_INVALID, VD_MEDIA_ADDRESS_EXPIRED
   */
  async verify(method: string, target: string): Promise<string> {
    const [, path, expires, given] = (target.length <= MAX_ADDRESS_CHARS && ADDRESS.exec(target)) || [];
    if (path === undefined || expires === undefined || given === undefined || !READING.has(method)) {
      throw mediaError(
        'VD_MEDIA_ADDRESS_INVALID',
        `${method} ${quoted(target.split('?', 1)[0] ?? '')} is not a signed request for a segment`,
      );
    }
    if (!(await this.isOurs(path, expires, given))) throw mediaError('VD_MEDIA_ADDRESS_INVALID', `The signature for ${path} is not right`);
    const lateS = Math.floor(this.nowMs() / 1000) - Number(expires);
    if (lateS > 0)
      throw mediaError('VD_MEDIA_ADDRESS_EXPIRED', `The address of ${path} was good until ${lateS} s ago, by the clock of this machine`);
    return path;
  }

  private async isOurs(path: string, expires: string, given: string): Promise<boolean> {
    if (isSame(given, signature(await this.key.current(), path, expires))) return true;
    const newer = await this.key.renewed();
    return newer !== null && isSame(given, signature(newer, path, expires));
  }
}

/** What is signed cannot be read in two ways: no part of it contains a line break. */
function signature(key: Buffer, path: string, expires: string): string {
  return createHmac('sha256', key).update(`vedette-segment\nGET\n/streaming/${path}\n${expires}`).digest('base64url');
}

/** Compared as text of one length: base64url has several spellings of the same bytes, of which one is ours. */
const isSame = (given: string, right: string): boolean => timingSafeEqual(Buffer.from(given, 'latin1'), Buffer.from(right, 'latin1'));

const quoted = (text: string): string => JSON.stringify(text.length <= MAX_ADDRESS_CHARS ? text : `${text.slice(0, MAX_ADDRESS_CHARS)}…`);
