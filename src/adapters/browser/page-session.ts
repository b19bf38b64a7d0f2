import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { CodedError, type EpochHandle, errorText, type Logger, type PageGate, type PageGrant, type Visit } from 'vedette/plugin';
import { BytePace } from './byte-pace.js';
import type { BrowserConfig } from './config.js';
import { browserError } from './errors.js';
import { CameraMedia } from './media/camera-media.js';
import { type Container, containerOf } from './mime-types.js';
import type { Occupant, Occupants } from './occupants.js';
import { acceptUpgrade, refusalOf, refuseUpgrade, type UpgradeRequest } from './upgrade-request.js';

const PROGRESS_EVERY_MS = 1000;
/** How long what has been read may take to be taken. */
const LAST_WORK_MS = 2000;
/** How long the last words may take to be read. */
const LINGER_MS = 1000;
const BYTES_PER_KBIT = 125;

export interface SessionDeps {
  readonly adapterId: string;
  readonly config: BrowserConfig;
  readonly gate: PageGate;
  readonly occupants: Occupants;
  readonly logger: Logger;
  readonly visit: Visit;
  readonly wallClockMs: () => number;
}

/** How a session ended: by the page's own word, by a lost connection, or for a reason that it is told. */
type Outcome = { readonly how: 'clean' | 'lost'; readonly reason: string; readonly error?: CodedError };

/** One recording of a page, from its permit to the end of its epoch. */
export class PageSession implements Occupant {
  readonly session: string | undefined;
  private readonly endedPromise = Promise.withResolvers<void>();
  private readonly leaving = new AbortController();
  private grant: PageGrant | undefined;
  private media: CameraMedia | undefined;
  private work: Promise<void> = Promise.resolve();
  private isBusy = false;
  private silence: NodeJS.Timeout | undefined;
  private progress: NodeJS.Timeout | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly request: UpgradeRequest,
    private readonly deps: SessionDeps,
  ) {
    this.session = request.session;
    socket.on('error', () => this.finish({ how: 'lost', reason: 'the connection was lost' }));
    socket.on('close', () => this.finish({ how: 'lost', reason: 'the connection was lost' }));
    void this.begin();
  }

  get ended(): Promise<void> {
    return this.endedPromise.promise;
  }

  takenOver(): void {
    const error = browserError('VD_BROWSER_TAKEN_OVER', 'Another page publishes to this stream now');
    this.deps.visit.gone(); // the place is the other page's
    this.finish({ how: 'clean', reason: 'another page took over', error });
  }

  stop(reason: string): Promise<void> {
    this.finish({ how: 'clean', reason });
    return this.ended;
  }

  private get hasLeft(): boolean {
    return this.leaving.signal.aborted;
  }

  private async begin(): Promise<void> {
    try {
      const container = containerOf(this.request.mimeType);
      const grant = await this.admit();
      if (this.hasLeft) {
        grant.context.report('stopped', 'the page left');
        return this.endedPromise.resolve();
      }
      this.accept(grant, container);
    } catch (error) {
      if (!(error instanceof CodedError)) this.deps.logger.error('A page could not be let in', { error: errorText(error) });
      this.leaving.abort();
      refuseUpgrade(this.socket, error);
      this.endedPromise.resolve();
    }
  }

  private async admit(): Promise<PageGrant> {
    const { adapterId, gate, occupants, visit, config } = this.deps;
    const { permit, key, session, takeOver = false } = this.request;
    const takesOver = (streamId: string) => takeOver || occupants.isOwn(streamId, session);
    const grant = await visit.examine(gate.admit({ adapterId, permit, takesOver, ...(key !== undefined && { key }) }));
    await occupants.enter(grant.context.streamId, this);
    if (visit.known()) return grant;
    const full = browserError('VD_BROWSER_FULL', `${config.maxPublishers} pages publish already`);
    grant.context.report('failed', full.message);
    throw full;
  }

  private accept(grant: PageGrant, container: Container): void {
    const { config, logger, wallClockMs } = this.deps;
    const { context, remote } = grant;
    this.grant = grant;
    const opened = (epoch: EpochHandle): void => this.opened(epoch);
    const media = new CameraMedia({ context, config, container, startedAtMs: wallClockMs(), remote, opened });
    this.media = media;
    logger.info('A page publishes', { streamId: context.streamId, remote });
    context.report('starting', `page connected from ${remote}`);
    acceptUpgrade(this.socket);
    this.watch(config.mediaTimeout);
    this.progress = setInterval(() => this.say({ type: 'progress', ...media.figures }), PROGRESS_EVERY_MS);
    const pace = new BytePace(config.maxBitrateKbps * BYTES_PER_KBIT);
    this.socket.on('data', (chunk: Buffer) => {
      this.socket.pause();
      this.isBusy = true;
      this.work = this.take(media, pace, chunk).then(
        () => this.readOn(),
        (error: unknown) => this.fail(error),
      );
    });
    this.socket.on('end', () => this.finish({ how: 'clean', reason: 'the page ended it' }));
  }

  private async take(media: CameraMedia, pace: BytePace, chunk: Buffer): Promise<void> {
    await pace.pass(chunk.length, this.leaving.signal);
    if (!this.hasLeft) await media.take(chunk);
  }

  private readOn(): void {
    this.isBusy = false;
    this.silence?.refresh();
    if (!this.hasLeft) this.socket.resume();
  }

  private opened(epoch: EpochHandle): void {
    this.say({ type: 'live', epochId: epoch.epochId });
    this.watch(this.deps.config.silenceTimeout ?? this.grant!.context.silenceTimeoutMs);
    void epoch.done.then(({ reason, error }) => {
      // Of one that another has followed, since the pictures changed their format, nothing is to be said.
      if (this.media?.epoch !== epoch) return;
      // Without an error it was core that ended it: the key was revoked, the stream switched off.
      if (error === undefined) this.finish({ how: 'clean', reason });
      else this.fail(error, reason);
    });
  }

  private watch(timeoutMs: number): void {
    clearTimeout(this.silence);
    const timer = setTimeout(() => {
      // While nothing more is read of it, the silence is ours.
      if (this.isBusy) return void timer.refresh();
      const reason = `no media for ${timeoutMs / 1000} s`;
      this.finish({ how: 'lost', reason, error: browserError('VD_BROWSER_SILENT', `The page sent ${reason}`) });
    }, timeoutMs);
    this.silence = timer;
  }

  private fail(error: unknown, reason?: string): void {
    if (this.hasLeft) return;
    const { logger } = this.deps;
    const streamId = this.grant?.context.streamId;
    const isCoded = error instanceof CodedError;
    logger.warn('The camera of a page ended', { streamId, error: errorText(error), ...(isCoded && { code: error.code }) });
    const { code, message, fix, retryable } = refusalOf(error);
    const told = isCoded ? error : new CodedError(code, message, fix, { retryable });
    this.finish({ how: 'lost', reason: reason ?? (isCoded ? error.message : message), error: told });
  }

  private say(message: Readonly<Record<string, unknown>>): void {
    if (this.socket.writable) this.socket.write(`${JSON.stringify(message)}\n`);
  }

  /** The one way out: ends the epoch, says why, closes the connection. */
  private finish(outcome: Outcome): void {
    if (this.hasLeft) return;
    this.leaving.abort();
    clearTimeout(this.silence);
    clearInterval(this.progress);
    if (this.grant === undefined) {
      this.socket.destroy();
      return this.endedPromise.resolve();
    }
    void this.leave(this.grant, outcome);
  }

  private async leave({ context, remote }: PageGrant, { how, reason, error }: Outcome): Promise<void> {
    const { logger } = this.deps;
    await Promise.race([this.work, delay(LAST_WORK_MS, undefined, { ref: false })]);
    await this.media?.end(reason).catch((failure: unknown) => logger.error('An epoch did not end well', { error: errorText(failure) }));
    context.report(how === 'clean' ? 'stopped' : error?.retryable === false ? 'failed' : 'retrying', reason);
    logger.info('The page is gone', { streamId: context.streamId, remote, reason });
    this.say({ type: 'ended', reason, ...this.media?.figures, ...(error && { problem: refusalOf(error) }) });
    this.socket.end();
    this.socket.resume();
    const timer = setTimeout(() => this.socket.destroy(), LINGER_MS);
    this.socket.once('close', () => clearTimeout(timer));
    this.endedPromise.resolve();
  }
}
