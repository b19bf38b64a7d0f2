import type { MediaRequest, OpenMedia } from 'vedette/plugin';
import { pullError } from '../errors.js';
import { give, type Feed } from '../feed.js';
import type { GuardedHttp, HttpAnswer } from './guarded-http.js';

/** Media that is one answer without an end. */
export class BodyFeed implements Feed {
  readonly pauseMs = 0;
  readonly behindMs = 0;

  private constructor(
    private readonly http: GuardedHttp,
    private readonly answer: HttpAnswer,
    readonly request: Feed['request'],
  ) {}

  /** @throws VD_PULL_* */
  static async open(http: GuardedHttp, url: URL, kind: 'http-ts' | 'mjpeg'): Promise<BodyFeed> {
    const answer = await http.get(url);
    const type = answer.body.headers['content-type'] ?? '';
    if (/^text\/html/i.test(type)) {
      answer.body.destroy();
      throw pullError('VD_PULL_NOT_MEDIA', `${answer.url.host} gives a page (${type.slice(0, 60)}), not a stream`);
    }
    return new BodyFeed(http, answer, kind === 'http-ts' ? { format: 'mpegts', stamps: 'media' } : multipart(type));
  }

  async run(media: Pick<OpenMedia, 'write' | 'drained'>): Promise<void> {
    for await (const chunk of this.http.chunks(this.answer)) await give(media, chunk);
  }
}

/** Its pictures come without times: each is stamped when it comes. */
function multipart(type: string): Pick<MediaRequest, 'format' | 'options' | 'stamps'> {
  const isSingle = !/multipart/i.test(type);
  // Nothing to find out about a frame rate.
  return { format: isSingle ? 'mjpeg' : 'mpjpeg', options: { fpsprobesize: '0' }, stamps: 'arrival' };
}
