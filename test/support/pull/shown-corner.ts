import { spawn } from 'node:child_process';
import { videoFormatOf } from '../../../src/core/decode/codec/index.js';
import type { Pulled } from './pulled.js';

const START_CODE = Buffer.from([0, 0, 0, 1]);

/** The first picture that was pulled, as a player shows it: its size, and in which corner it is bright. */
export async function firstPicture(pulled: Pulled): Promise<{ widthPx: number; heightPx: number; bright: string[] }> {
  const { input } = pulled.context.epochs[0]!.opening;
  if (input.kind !== 'frames' || input.video === undefined) throw new Error('there are no pictures');
  const { size, nal } = videoFormatOf(input.video);
  const { widthPx, heightPx } = size!;
  const units = [...nal!.parameterSets, ...unitsOf(Buffer.from(pulled.frames()[0]!.data))];
  const pixels = await decoded(Buffer.concat(units.flatMap((unit) => [START_CODE, unit])));
  const corners = { 'top left': [0.1, 0.1], 'top right': [0.9, 0.1], 'bottom left': [0.1, 0.9], 'bottom right': [0.9, 0.9] } as const;
  const brightness = ([x, y]: readonly [number, number]) => pixels[Math.floor(y * heightPx) * widthPx + Math.floor(x * widthPx)] ?? 0;
  return { widthPx, heightPx, bright: Object.entries(corners).flatMap(([name, at]) => (brightness(at) > 128 ? [name] : [])) };
}

function* unitsOf(frame: Buffer): Generator<Buffer> {
  for (let at = 0; at < frame.length; at += 4 + frame.readUInt32BE(at)) yield frame.subarray(at + 4, at + 4 + frame.readUInt32BE(at));
}

/** Brightness of each pixel of the first picture. */
async function decoded(annexB: Buffer): Promise<Buffer> {
  const args = ['-v', 'error', '-f', 'h264', '-i', 'pipe:0', '-frames:v', '1', '-f', 'rawvideo', '-pix_fmt', 'gray', 'pipe:1'];
  const child = spawn('ffmpeg', args, { stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdin.on('error', () => undefined).end(annexB);
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
