import type ffmpeg from 'fluent-ffmpeg';
import { exhaustedLimit } from '../../errors/exhausted-limit.js';
import { mediaError } from '../../errors/media.errors.js';
import type { Logger } from '../../plugin-api/index.js';
import { childOf } from './fluent-command.js';
import type { PackagerExit, PackagerProgress, Packaging } from './packager.js';
import { StallWatch } from './stall-watch.js';
import type { StandardInput } from './standard-input.js';

export interface FfmpegTimings {
  /** Without progress for this long: ffmpeg hangs. */
  readonly stallTimeoutMs: number;
  readonly startTimeoutMs: number;
  /** From being told to end until ffmpeg is killed. */
  readonly endTimeoutMs: number;
}

const DEFAULT_TIMINGS: FfmpegTimings = { stallTimeoutMs: 5000, startTimeoutMs: 15_000, endTimeoutMs: 4000 };

const KEPT_LINES = 8;
/** What a shell, or a program that becomes another, says of one that is not there or may not be run. */
const COULD_NOT_RUN = /^ffmpeg exited with code 12[67]\b/;

type MakeCommand = () => ffmpeg.FfmpegCommand;

/** One ffmpeg child from its start to its end. */
export class FfmpegPackaging implements Packaging {
  readonly handsOver = false;
  readonly done: Promise<PackagerExit>;
  readonly flowing: Promise<void>;
  private childPid: number | undefined;
  private ending: Promise<void> | undefined;
  private exited = false;
  private killError: Error | undefined;
  private position = '';
  private readonly lastLines: string[] = [];
  private readonly command: ffmpeg.FfmpegCommand | undefined;
  private readonly stall: StallWatch;
  private readonly timings: FfmpegTimings;
  private readonly settle: (exit: PackagerExit) => void;
  private readonly flow: () => void;

  constructor(
    makeCommand: MakeCommand,
    private readonly logger: Logger,
    timings: Partial<FfmpegTimings> = {},
    private readonly progressed: (progress: PackagerProgress) => void = () => undefined,
    /** Absent: it fetches its input itself. */
    private readonly input?: StandardInput,
  ) {
    this.timings = { ...DEFAULT_TIMINGS, ...timings };
    const done = Promise.withResolvers<PackagerExit>();
    const flowing = Promise.withResolvers<void>();
    this.done = done.promise;
    this.settle = done.resolve;
    this.flowing = flowing.promise;
    this.flow = flowing.resolve;
    this.stall = new StallWatch({
      timeoutMs: this.timings.stallTimeoutMs,
      startTimeoutMs: this.timings.startTimeoutMs,
      onStall: (idleMs) => this.kill(mediaError('VD_MEDIA_PACKAGER_STALLED', `ffmpeg made no progress for ${Math.round(idleMs)} ms`)),
    });
    try {
      this.command = makeCommand();
      this.run(this.command);
    } catch (error) {
      this.exit(this.explain(error as Error));
    }
  }

  get pid(): number | undefined {
    return this.childPid;
  }

  write(chunk: Uint8Array): boolean {
    const { input } = this;
    if (input === undefined) return false;
    const isWelcome = input.write(chunk);
    if (input.isOverrun) this.kill(mediaError('VD_MEDIA_PACKAGER_OVERRUN', 'ffmpeg does not read as fast as its input comes'));
    return isWelcome;
  }

  put(): boolean {
    return false;
  }

  lost(): void {
    // Nobody but ffmpeg knows its frames.
  }

  async drained(): Promise<void> {
    await this.input?.drained();
  }

  end(): Promise<void> {
    this.ending ??= this.endOnce();
    return this.ending;
  }

  private async endOnce(): Promise<void> {
    if (this.exited) return;
    // It writes the tail: of all that was written to it, where it is written to.
    if (this.input === undefined) this.signal('SIGTERM');
    else this.input.close();
    const timer = setTimeout(() => {
      this.kill(mediaError('VD_MEDIA_PACKAGER_STALLED', `ffmpeg did not end within ${this.timings.endTimeoutMs} ms`));
    }, this.timings.endTimeoutMs);
    await this.done;
    clearTimeout(timer);
  }

  private run(command: ffmpeg.FfmpegCommand): void {
    command.on('start', () => {
      this.childPid = childOf(command)?.pid;
      if (this.killError !== undefined) this.signal('SIGKILL');
      else if (this.ending !== undefined && this.input === undefined) this.signal('SIGTERM');
    });
    command.on('stderr', (line: string) => this.heard(line));
    command.on('end', () => this.exit({ reason: this.ending ? 'ended' : 'input-ended' }));
    command.on('error', (error: Error) => this.exit(this.explain(error)));
    command.run();
  }

  private heard(line: string): void {
    const stats = /(?:frame=\s*(\d+).*)?time=\s*(\S+)/.exec(line);
    if (stats === null) {
      if (line.trim() === '') return;
      this.lastLines.push(line.trim().slice(0, 300));
      if (this.lastLines.length > KEPT_LINES) this.lastLines.shift();
      return;
    }
    const position = `${stats[1]} ${stats[2]}`;
    if (position === this.position) return;
    this.position = position;
    this.stall.progress();
    this.flow();
    const positionUs = clockUs(stats[2]!);
    if (positionUs !== null) this.progressed({ videoFrames: Number(stats[1] ?? 0), positionUs });
  }

  private explain(error: Error): PackagerExit {
    if (this.killError !== undefined) return { reason: 'packager-failed', error: this.killError };
    if (this.ending !== undefined) {
      this.logger.debug('ffmpeg ended', { pid: this.childPid, how: error.message, said: this.lastLines });
      return { reason: 'ended' };
    }
    if (this.childPid === undefined || COULD_NOT_RUN.test(error.message)) {
      return { reason: 'packager-failed', error: notStarted(error) };
    }
    const said = this.lastLines.join(' | ') || 'nothing';
    const how = error.message.split('\n')[0]!.replace(/^(ffmpeg (?:exited with code \d+|was killed with signal \w+)).*$/, '$1');
    return { reason: 'packager-failed', error: mediaError('VD_MEDIA_PACKAGER_FAILED', `${how}; it said: ${said}`) };
  }

  private kill(error: Error): void {
    this.killError ??= error;
    this.signal('SIGKILL');
  }

  private signal(signal: NodeJS.Signals): void {
    childOf(this.command)?.kill(signal);
  }

  private exit(exit: PackagerExit): void {
    if (this.exited) return;
    this.exited = true;
    this.input?.close();
    this.stall.stop();
    this.settle(exit);
  }
}

/** @example clockUs('00:01:02.50') === 62_500_000; null for "N/A" */
function clockUs(text: string): number | null {
  const clock = /^(-?)(\d+):(\d\d):(\d\d(?:\.\d+)?)$/.exec(text);
  if (clock === null) return null;
  const [, sign, hours, minutes, seconds] = clock;
  return Math.round((sign === '-' ? -1e6 : 1e6) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)));
}

/** A program that is there and cannot be started is not missing. */
function notStarted(error: Error): Error {
  const limit = exhaustedLimit(error);
  return limit === undefined
    ? mediaError('VD_MEDIA_FFMPEG_MISSING', error.message, { cause: error })
    : mediaError('VD_MEDIA_LIMIT_REACHED', `ffmpeg cannot be started (${error.message}): used up are the ${limit}`, { cause: error });
}
