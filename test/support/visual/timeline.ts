import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ffmpeg } from '../media/ffmpeg.js';
import { writeDeadLeaves } from './dead-leaves.js';

export const WIDTH_PX = 640;
export const HEIGHT_PX = 360;
export const FPS = 25;

/** One piece of a film. It begins with a cut. */
export interface Part {
  readonly seconds: number;
  /** A lavfi source without size, rate and duration; absent: a pan over a picture of its own. */
  readonly source?: string;
  /** Filters on it; `pts` begin at 0. */
  readonly filter?: string;
  /** Pictures per second before the filter, where it takes two for one. */
  readonly sourceFps?: number;
  /** The event that lasts as long as the part, or as long as this. */
  readonly event?: string;
  readonly eventSeconds?: number;
}

/** What happens in a film, and when, in seconds. */
export interface Truth {
  readonly event: string;
  readonly fromS: number;
  readonly toS: number;
}

export interface Film {
  readonly path: string;
  readonly truths: readonly Truth[];
  readonly cutsS: readonly number[];
  readonly seconds: number;
}

export interface FilmOptions {
  readonly seed: number;
  /** Encoder options; default a good quality. */
  readonly encoder?: readonly string[];
  /** A picture file in place of the generated one, by part. */
  readonly pictures?: readonly string[];
}

/** Pictures made per film; further parts show them mirrored or upside down. */
const LEAVES = 8;
const TURNS = ['null', 'hflip', 'vflip', 'hflip,vflip'];
const QUALITY = ['-crf', '18'];

/** Cuts the parts together, one after another, and encodes them as H.264 with keyframes every two seconds. */
export async function makeFilm(
  folder: string,
  name: string,
  parts: readonly Part[],
  { seed, encoder = QUALITY, pictures }: FilmOptions,
): Promise<Film> {
  const inputs: string[] = [];
  const chains: string[] = [];
  for (const [i, part] of parts.entries()) {
    const rate = part.sourceFps ?? FPS;
    if (part.source !== undefined) {
      inputs.push('-f', 'lavfi', '-i', `${part.source}${part.source.includes('=') ? ':' : '='}size=${WIDTH_PX}x${HEIGHT_PX}:rate=${rate}`);
    } else {
      const [wide, high] = [WIDTH_PX + 240, HEIGHT_PX + 160];
      let picture = pictures?.[i % pictures.length];
      if (picture === undefined) {
        picture = join(folder, `leaves-${seed}-${i % LEAVES}.ppm`);
        if (!existsSync(picture)) await writeDeadLeaves(picture, seed * 1000 + (i % LEAVES), wide, high);
      }
      inputs.push('-i', picture);
      // To and fro, so that a part may be of any length; 50 pixels a second.
      const along = `120+110*sin(2*PI*t/${rate === FPS ? 14 : 7}+${i})`;
      // Scaled and converted once, then repeated.
      const still = `scale=${wide}:${high}:force_original_aspect_ratio=increase,${TURNS[Math.floor(i / LEAVES) % TURNS.length]},format=yuv420p,loop=loop=-1:size=1:start=0,setpts=N/${rate}/TB,fps=${rate}`;
      const pan = `crop=${WIDTH_PX}:${HEIGHT_PX}:x='${along}':y='40+30*sin(t+${i})'`;
      chains.push(
        `[${i}:v]${still},${pan},trim=duration=${part.seconds},${part.filter ?? 'null'},fps=${FPS},setsar=1,format=yuv420p,setpts=PTS-STARTPTS[p${i}]`,
      );
      continue;
    }
    chains.push(
      `[${i}:v]trim=duration=${part.seconds},${part.filter ?? 'null'},fps=${FPS},setsar=1,format=yuv420p,setpts=PTS-STARTPTS[p${i}]`,
    );
  }
  const joined = `${parts.map((_, i) => `[p${i}]`).join('')}concat=n=${parts.length}:v=1:a=0[out]`;
  const path = join(folder, `${name}.mp4`);
  const codec = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '50', '-keyint_min', '50', '-sc_threshold', '0', '-bf', '0', ...encoder];
  await ffmpeg(...inputs, '-filter_complex', [...chains, joined].join(';'), '-map', '[out]', '-r', String(FPS), ...codec, path);

  const truths: Truth[] = [];
  const cutsS: number[] = [];
  let atS = 0;
  for (const { seconds, event, eventSeconds = seconds } of parts) {
    if (atS > 0) cutsS.push(atS);
    if (event !== undefined) truths.push({ event, fromS: atS, toS: atS + eventSeconds });
    atS += seconds;
  }
  return { path, truths, cutsS, seconds: atS };
}

const scene = (seconds: number): Part => ({ seconds });
const freeze = 'loop=loop=-1:size=1:start=0,setpts=N/25/TB';

/** Of 75 pictures the first two of every six are white: the last change is that of picture 74. */
const LAST_FLASH_S = 74 / FPS;

/** A film in which everything happens once, with scenes between that should raise nothing. */
export const EVERYTHING: readonly Part[] = [
  scene(3),
  { seconds: 2, source: 'color=c=black', event: 'black' },
  scene(3),
  { seconds: 4, filter: `${freeze},trim=duration=4`, event: 'frozen' },
  scene(3),
  { seconds: 3, source: 'smptehdbars', event: 'test-bars' },
  scene(3),
  { seconds: 3, source: 'pal75bars', event: 'test-bars' },
  scene(3),
  { seconds: 3, source: 'color=c=blue', event: 'plain-field' },
  scene(3),
  { seconds: 5, filter: 'drawbox=x=0:y=0:w=iw:h=44:c=black:t=fill,drawbox=x=0:y=ih-44:w=iw:h=44:c=black:t=fill', event: 'letterbox' },
  scene(3),
  { seconds: 5, filter: 'drawbox=x=0:y=0:w=80:h=ih:c=black:t=fill,drawbox=x=iw-80:y=0:w=80:h=ih:c=black:t=fill', event: 'pillarbox' },
  scene(3),
  { seconds: 5, filter: 'gblur=sigma=6', event: 'blurred' },
  scene(3),
  { seconds: 4, filter: "lutyuv=y='clip(val*1.5+70,16,235)'", event: 'overexposed' },
  scene(3),
  { seconds: 4, filter: "lutyuv=y='clip(16+(val-16)*0.14+8,16,235)':u='128+(val-128)*0.14':v='128+(val-128)*0.14'", event: 'underexposed' },
  scene(3),
  { seconds: 5, filter: 'tinterlace=mode=interleave_top', sourceFps: 50, event: 'interlaced' },
  scene(6),
  { seconds: 5, filter: 'noise=alls=24:allf=t', event: 'noisy' },
  scene(3),
  { seconds: 3, filter: "drawbox=x=0:y=0:w=iw:h=ih:c=white:t=fill:enable='lt(mod(n,6),2)'", event: 'flashing', eventSeconds: LAST_FLASH_S },
  scene(3),
  { seconds: 4, filter: "lutyuv=y=val,eq=brightness='0.02*sin(2*PI*4*t)':eval=frame", event: 'flicker' },
  scene(3),
];
