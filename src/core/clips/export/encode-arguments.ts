import { MPEG_TICK_US } from '../../plugin-api/index.js';
import type { FrameRange } from '../cut/frames-on-show.js';

/** Seconds after which the clock of MPEG-TS begins again; ffmpeg may count what comes before as below 0. */
const WRAP_S = 2 ** 33 / 90_000;
/** Less than any frame lasts, more than times are rounded. */
const MARGIN_S = 0.000_04;
const QUALITY = 20;

/**
 * Encodes all of a range anew, from its first frame to its last. The clip's time 0 is the first frame.
 * @param boxes name of a file of boxes to be drawn in, in the working folder
 */
export function encoded({ firstTicks, lastTicks }: FrameRange, boxes?: string): string[] {
  const [first, last] = [seconds(firstTicks), seconds(lastTicks)];
  const [from, to] = [first - MARGIN_S, last + MARGIN_S];
  const within = (shiftS: number): string => `between(t\\,${(from - shiftS).toFixed(6)}\\,${(to - shiftS).toFixed(6)})`;
  const select = `${within(0)}+${within(WRAP_S)}`;
  const zero = `floor(PTS-if(lt(T\\,${(first - 1).toFixed(6)})\\,${(first - WRAP_S).toFixed(6)}\\,${first.toFixed(6)})/TB+0.5)`;
  const video = [`select=${select}`, `setpts=${zero}`, ...(boxes === undefined ? [] : [`ass=${boxes}`])];
  return [
    ...['-vf', video.join(','), '-af', `aselect=${select},asetpts=${zero}`],
    ...['-fps_mode', 'passthrough', '-c:v', 'libx264', '-preset', 'veryfast', '-crf', String(QUALITY), '-pix_fmt', 'yuv420p'],
    ...['-threads', '1', '-video_track_timescale', '90000', '-c:a', 'aac', '-b:a', '160k'],
  ];
}

const seconds = (ticks: number): number => (ticks * MPEG_TICK_US) / 1_000_000;
