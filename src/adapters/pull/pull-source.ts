import { defineSource, MEDIA_READER, type MediaReader, type RunningSource, type SourceAdapter, type SourceContext } from 'vedette/plugin';
import { pullConfigSchema, type PullConfig } from './config.js';
import type { Feed } from './feed.js';
import { HlsFeed } from './hls/hls-feed.js';
import { AddressGuard, type Resolve } from './http/address-guard.js';
import { BodyFeed } from './http/body-feed.js';
import { GuardedHttp } from './http/guarded-http.js';
import { openedBy } from './media-request.js';
import { PullRun } from './pull-run.js';
import { greetCamera } from './rtsp-greeting.js';

/** From the start until it is known what the media is made of: a keyframe may be this far away. */
const OPEN_MS = 20_000;
const GRACE_MS = 1000;

/** Cameras and streams that are fetched from where they are. */
export class PullSource implements SourceAdapter<PullConfig> {
  constructor(
    private readonly reader: MediaReader,
    private readonly wallClockMs: () => number = () => Date.now(),
    private readonly resolve?: Resolve,
  ) {}

  /** @throws VD_PULL_NAME_UNKNOWN, VD_PULL_ADDRESS_REFUSED */
  async probe({ url }: PullConfig): Promise<void> {
    await new AddressGuard(new URL(url), this.resolve).configured();
  }

  async open(config: PullConfig, context: SourceContext | undefined, signal: AbortSignal): Promise<RunningSource> {
    if (context === undefined) throw new TypeError('a source is opened for a stream');
    signal.throwIfAborted();
    let behindMs = 0;
    const where = new URL(config.url).host;
    const run = new PullRun({ context, where, isSrt: config.kind === 'srt', wallClockMs: () => this.wallClockMs() - behindMs });
    signal.addEventListener('abort', () => void run.stop('aborted'), { once: true });
    try {
      const url = new URL(config.url);
      const guard = new AddressGuard(url, this.resolve);
      if (config.kind === 'rtsp') await greetCamera({ url, guard, timeoutMs: config.timeout, signal: run.signal });
      const opened = openedBy(config);
      const feed = opened === undefined ? await this.feed(config, guard, run, context) : undefined;
      behindMs = feed?.behindMs ?? 0;
      const { video, audio, bitrateKbps, gopSeconds, timeout } = config;
      const media = await this.reader.open(
        {
          ...(opened ?? { ...feed!.request, protocols: ['pipe'] }),
          ...{ video, audio, encoding: { bitrateKbps, gopSeconds } },
          openTimeoutMs: OPEN_MS + timeout,
          // Who opens it itself is the first to notice, and gives what it still has.
          stallTimeoutMs: timeout + (feed?.pauseMs ?? GRACE_MS),
        },
        run,
      );
      run.follow(media, feed?.run(media) ?? Promise.resolve());
      return run;
    } catch (error) {
      await run.stop('could not be opened');
      throw error;
    }
  }

  /** @throws VD_PULL_* */
  private feed(config: PullConfig, guard: AddressGuard, run: PullRun, { logger }: SourceContext): Promise<Feed> {
    const url = new URL(config.url);
    const { username, password = '' } = config as { readonly username?: string; readonly password?: string };
    const http = new GuardedHttp({
      ...{ guard, configured: url, timeoutMs: config.timeout, signal: run.signal },
      login: username === undefined ? undefined : { username, password },
    });
    if (config.kind === 'hls') return HlsFeed.open(http, url, { logger, notice: (text) => run.notice(text) }, run.signal);
    return BodyFeed.open(http, url, config.kind as 'http-ts' | 'mjpeg');
  }
}

export const pullSource = defineSource<PullConfig>({
  id: 'pull',
  version: '1.0.0',
  title: 'Camera or stream at an address',
  kind: 'stream',
  config: pullConfigSchema,
  inject: [MEDIA_READER],
  create: (reader: MediaReader) => new PullSource(reader),
});
