import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface ClipOptions {
  readonly seconds?: number;
  readonly framesPerSecond?: number;
  readonly size?: string;
  readonly audio?: boolean;
  readonly bFrames?: number;
}

/** ffmpeg arguments of a generated clip: moving test pattern, a tone, H.264 and AAC. */
export function clipArguments({
  seconds = 2,
  framesPerSecond = 25,
  size = '160x120',
  audio = true,
  bFrames = 0,
}: ClipOptions = {}): string[] {
  const picture = ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${framesPerSecond}:duration=${seconds}`];
  const tone = audio ? ['-f', 'lavfi', '-i', `sine=frequency=440:duration=${seconds}`] : [];
  const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', String(framesPerSecond), '-bf', String(bFrames), '-pix_fmt', 'yuv420p'];
  return [...picture, ...tone, ...h264, ...(audio ? ['-c:a', 'aac', '-b:a', '64k'] : ['-an']), '-threads', '1'];
}

/** A generated clip as an FLV file in memory. */
export async function clip(options?: ClipOptions): Promise<Buffer> {
  const args = ['-v', 'error', '-nostdin', ...clipArguments(options), '-f', 'flv', '-flvflags', 'no_duration_filesize', 'pipe:1'];
  const { stdout } = await run('ffmpeg', args, { encoding: 'buffer', maxBuffer: 64e6 });
  return stdout;
}

/** Starts ffmpeg as a publisher; with `paced` it sends in real time. */
export function publish(url: string, options?: ClipOptions & { readonly paced?: boolean }): ChildProcess {
  const input = clipArguments(options);
  const pace = options?.paced ? input.flatMap((arg) => (arg === 'lavfi' ? [arg, '-re'] : [arg])) : input;
  return spawn('ffmpeg', ['-v', 'error', '-nostdin', ...pace, '-f', 'flv', url], { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** Publishes 3 s of picture and tone, H.264 and AAC unless `codec` says otherwise. */
export function publishAs(url: string, codec: readonly string[]): ChildProcess {
  const source = ['testsrc2=size=160x120:rate=25:duration=3', 'sine=duration=3:sample_rate=44100'].flatMap((graph) => [
    ...['-f', 'lavfi', '-i', graph],
  ]);
  const encoded = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', '-threads', '1', '-c:a', 'aac', ...codec];
  return spawn('ffmpeg', ['-v', 'error', '-nostdin', ...source, ...encoded, '-f', 'flv', url], { stdio: ['ignore', 'ignore', 'pipe'] });
}

export interface ProbedPacket {
  readonly codec_type: 'video' | 'audio';
  readonly pts: number;
  readonly dts: number;
}

/** What ffmpeg's own demuxer finds in FLV bytes given to it on a pipe; rejects when it complains. */
export async function packetsOf(flv: Buffer): Promise<ProbedPacket[]> {
  const child = spawn('ffprobe', ['-v', 'error', '-f', 'flv', '-i', 'pipe:0', '-show_entries', 'packet=codec_type,pts,dts', '-of', 'json']);
  const out = collect(child.stdout);
  const complaints = collect(child.stderr);
  child.stdin.on('error', () => undefined).end(flv);
  const text = await out;
  const trouble = await complaints;
  if (trouble !== '') throw new Error(`ffprobe: ${trouble}`);
  return (JSON.parse(text) as { packets: ProbedPacket[] }).packets;
}

/** Decodes the video of FLV bytes to the end; gives the frame count, rejects on any decoding error. */
export async function decodedFrames(flv: Buffer): Promise<number> {
  const child = spawn('ffmpeg', [
    '-v',
    'error',
    '-xerror',
    '-f',
    'flv',
    '-i',
    'pipe:0',
    '-map',
    '0:v',
    '-vsync',
    '0',
    '-f',
    'framecrc',
    'pipe:1',
  ]);
  const out = collect(child.stdout);
  const complaints = collect(child.stderr);
  child.stdin.on('error', () => undefined).end(flv);
  const text = await out;
  const trouble = await complaints;
  if (trouble !== '') throw new Error(`ffmpeg: ${trouble}`);
  return text.split('\n').filter((line) => /^\d/.test(line)).length;
}

/** The exit of a child process: its code, and what it wrote to stderr. */
export async function exitOf(child: ChildProcess): Promise<{ code: number | null; errors: string }> {
  const errors = child.stderr === null ? Promise.resolve('') : collect(child.stderr);
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { code, errors: await errors };
}

async function collect(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const part of stream) text += String(part);
  return text;
}
