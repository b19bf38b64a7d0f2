import { resolve } from 'node:path';
import ffmpeg from 'fluent-ffmpeg';
import type { ChildEnvironment, ChildProcess } from '../../children/child-process.js';
import { Confinement, type ChildLimits } from '../../children/confinement.js';

type Rings = { get(): string };
type EndCallback = (error: Error | null, stdout: Rings, stderr: Rings) => void;
type Spawn = (this: ffmpeg.FfmpegCommand, args: string[], options: object, onProcess: unknown, onEnd: EndCallback) => void;

const NO_OUTPUT: Rings = { get: () => '' };

/** What the program gets, and what is kept from it. */
export interface FfmpegChild {
  /** Where it runs. */
  readonly folder: string;
  readonly env: ChildEnvironment;
  readonly confinement?: Confinement | undefined;
  readonly limits?: ChildLimits;
}

/**
 * A fluent-ffmpeg command that runs exactly what it was told, with four of its habits taken off:
 * - it asks ffmpeg for its lists of formats and encoders first, and cannot read those of newer ffmpegs: ffmpeg itself
 *   says better what it lacks;
 * - it keeps the program's path in a variable of the whole process;
 * - it hands the whole environment of this process to the program;
 * - when the program cannot be started at all it throws inside its own event handler, which would end this process.
 */
export function fluentCommand(ffmpegPath: string, child: FfmpegChild): ffmpeg.FfmpegCommand {
  const { folder, env, confinement = Confinement.NONE, limits } = child;
  // A path is meant from where we run; a bare name is looked for on PATH.
  const path = /[\\/]/.test(ffmpegPath) ? resolve(ffmpegPath) : ffmpegPath;
  const confined = (args: readonly string[]) => confinement.wrap(path, args, limits);
  const command = ffmpeg({ cwd: folder });
  const spawn = (command as unknown as { _spawnFfmpeg: Spawn })._spawnFfmpeg;
  return Object.assign(command, {
    _checkCapabilities: (done: (error: null) => void) => done(null),
    availableEncoders: (done: (error: null, encoders: object) => void) => done(null, {}),
    _getFfmpegPath: (done: (error: null, path: string) => void) => done(null, confined([]).program),
    _spawnFfmpeg(this: ffmpeg.FfmpegCommand, args: string[], options: object, onProcess: unknown, onEnd: EndCallback) {
      const end: EndCallback = (error, stdout, stderr) => onEnd(error, stdout ?? NO_OUTPUT, stderr ?? NO_OUTPUT);
      try {
        spawn.call(this, [...confined(args).args], { ...options, env }, onProcess, end);
      } catch (error) {
        end(error as Error, NO_OUTPUT, NO_OUTPUT);
      }
    },
  });
}

/** fluent-ffmpeg keeps the child under this name while it runs; its types do not say so. */
export function childOf(command: ffmpeg.FfmpegCommand | undefined): ChildProcess | undefined {
  return (command as { ffmpegProc?: ChildProcess } | undefined)?.ffmpegProc;
}
