import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A clip whose every frame says which one it is: a barcode along the lower edge, one block per bit, over a scene with
 * moving things whose places are a function of the frame number. Made once by ffmpeg, cut into 2 s segments.
 */
export const FPS = 30;
export const CLIP_SECONDS = 60;
export const FRAMES = FPS * CLIP_SECONDS;
export const WIDTH = 1280;
export const HEIGHT = 720;
/** Barcode: a white and a black block to recognise it by, then 16 bits, most significant first. */
export const BARCODE = { blocks: 18, blockWidth: 32, height: 32 };

const SMALL_W = 320;
const SMALL_H = 180;

/** Where things are in frame n, as 0..1 boxes. */
export function thingsIn(n) {
  const t = n / FPS;
  const things = [
    { label: 'car', score: 0.93, trackId: 'c1', x: ((t * 0.11) % 1.3) - 0.15, y: 0.6, width: 0.15, height: 0.12, rgb: [206, 92, 70] },
    {
      label: 'person',
      score: 0.87,
      trackId: 'p1',
      x: 0.5 + 0.28 * Math.sin(t * 0.7),
      y: 0.47 + 0.02 * Math.sin(t * 5),
      width: 0.05,
      height: 0.25,
      rgb: [226, 200, 120],
    },
    {
      label: 'dog',
      score: 0.64,
      trackId: 'd1',
      x: 0.42 + 0.3 * Math.sin(t * 0.7 + 0.5),
      y: 0.66,
      width: 0.07,
      height: 0.08,
      rgb: [150, 118, 96],
    },
    { label: 'bicycle', score: 0.41, trackId: 'b1', x: 1.1 - ((t * 0.17) % 1.4), y: 0.55, width: 0.09, height: 0.15, rgb: [90, 150, 190] },
  ];
  return things.filter((thing) => thing.x > 0.005 && thing.x + thing.width < 0.995);
}

/** What the picture does as a whole: the mock's metrics and events tell of the same. */
export function moodOf(n) {
  const t = n / FPS;
  const black = t >= 22 && t < 25;
  const frozen = t >= 40 && t < 44;
  const day = 0.5 + 0.5 * Math.sin((t / CLIP_SECONDS) * 2 * Math.PI);
  return { black, frozen, day, scene: Math.floor(t / 15) };
}

const SKIES = [
  [
    [24, 44, 66],
    [196, 130, 90],
  ],
  [
    [30, 62, 60],
    [150, 178, 150],
  ],
  [
    [44, 34, 70],
    [190, 104, 130],
  ],
  [
    [20, 40, 52],
    [120, 150, 170],
  ],
];

function drawFrame(n, out) {
  const mood = moodOf(n);
  const shown = mood.frozen ? 40 * FPS : n;
  const [top, low] = SKIES[mood.scene % SKIES.length];
  const light = mood.black ? 0.02 : 0.55 + 0.45 * mood.day;
  const horizon = 110;
  for (let y = 0; y < SMALL_H; y++) {
    const k = Math.min(1, y / horizon);
    for (let x = 0; x < SMALL_W; x++) {
      let r, g, b;
      if (y < horizon) {
        const hill = horizon - 14 - 10 * Math.sin(x * 0.031 + mood.scene) - 5 * Math.sin(x * 0.09 + 2);
        if (y > hill) [r, g, b] = [top[0] * 0.6, top[1] * 0.7 + 6, top[2] * 0.6];
        else [r, g, b] = [0, 1, 2].map((c) => top[c] + (low[c] - top[c]) * k * k);
      } else {
        const dash = y > 148 && y < 151 && (x + shown * 2) % 46 < 24;
        [r, g, b] = dash ? [180, 176, 150] : [46 + y * 0.06, 50 + y * 0.06, 54 + y * 0.06];
      }
      const i = (y * SMALL_W + x) * 3;
      out[i] = r * light;
      out[i + 1] = g * light;
      out[i + 2] = b * light;
    }
  }
  for (const thing of thingsIn(shown)) {
    const x0 = Math.round(thing.x * SMALL_W);
    const x1 = Math.round((thing.x + thing.width) * SMALL_W);
    const y0 = Math.round(thing.y * SMALL_H);
    const y1 = Math.round((thing.y + thing.height) * SMALL_H);
    for (let y = y0; y < y1; y++)
      for (let x = x0; x < x1; x++) {
        const dx = (x - (x0 + x1) / 2) / ((x1 - x0) / 2);
        const dy = (y - (y0 + y1) / 2) / ((y1 - y0) / 2);
        if (dx ** 4 + dy ** 4 > 1) continue;
        const i = (y * SMALL_W + x) * 3;
        const shade = light * (1 - (0.35 * (dy + 1)) / 2);
        for (let c = 0; c < 3; c++) out[i + c] = thing.rgb[c] * shade;
      }
  }
}

function drawBarcode(n, out) {
  const { blocks, blockWidth, height } = BARCODE;
  const width = blocks * blockWidth;
  for (let block = 0; block < blocks; block++) {
    const on = block === 0 ? 1 : block === 1 ? 0 : (n >> (blocks - 1 - block)) & 1;
    for (let y = 0; y < height; y++) out.fill(on ? 255 : 0, y * width + block * blockWidth, y * width + (block + 1) * blockWidth);
  }
}

/** Makes the clip below `dir` unless it is there; returns its segments with their exact pts. */
export async function prepareClip(dir) {
  const index = join(dir, 'index.json');
  if (existsSync(index)) return JSON.parse(readFileSync(index, 'utf8'));
  mkdirSync(dir, { recursive: true });
  await encode(dir);
  const segments = readdirSync(dir)
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((file) => ({ file, ...probe(join(dir, file)) }));
  writeFileSync(index, JSON.stringify(segments));
  return segments;
}

function encode(dir) {
  const code = BARCODE.blocks * BARCODE.blockWidth;
  const args = [
    '-y',
    '-v',
    'error',
    '-nostdin',
    '-f',
    'rawvideo',
    '-pix_fmt',
    'rgb24',
    '-s',
    `${SMALL_W}x${SMALL_H}`,
    '-r',
    String(FPS),
    '-i',
    'pipe:3',
    '-f',
    'rawvideo',
    '-pix_fmt',
    'gray',
    '-s',
    `${code}x${BARCODE.height}`,
    '-r',
    String(FPS),
    '-i',
    'pipe:4',
    '-f',
    'lavfi',
    '-t',
    String(CLIP_SECONDS),
    '-i',
    'sine=frequency=220:sample_rate=48000',
    '-filter_complex',
    `[0]scale=${WIDTH}:${HEIGHT}:flags=bicubic[p];[p][1]overlay=0:H-h,format=yuv420p[v]`,
    '-map',
    '[v]',
    '-map',
    '2:a',
    '-c:v',
    'libx264',
    '-preset',
    'veryfast',
    '-crf',
    '23',
    '-bf',
    '2',
    '-g',
    String(FPS * 2),
    '-keyint_min',
    String(FPS * 2),
    '-sc_threshold',
    '0',
    '-c:a',
    'aac',
    '-b:a',
    '64k',
    '-f',
    'hls',
    '-hls_time',
    '2',
    '-hls_list_size',
    '0',
    '-hls_segment_filename',
    join(dir, '%06d.ts'),
    join(dir, 'clip.m3u8'),
  ];
  const child = spawn('ffmpeg', args, { stdio: ['ignore', 'ignore', 'inherit', 'pipe', 'pipe'] });
  const picture = Buffer.alloc(SMALL_W * SMALL_H * 3);
  const barcode = Buffer.alloc(code * BARCODE.height);
  const write = (stream, buffer) =>
    new Promise((resolve) => (stream.write(Buffer.from(buffer)) ? resolve() : stream.once('drain', resolve)));
  const feed = async (stream, draw, buffer) => {
    for (let n = 0; n < FRAMES; n++) {
      draw(n, buffer);
      await write(stream, buffer);
    }
    stream.end();
  };
  for (const stream of [child.stdio[3], child.stdio[4]]) stream.on('error', () => undefined);
  void feed(child.stdio[3], drawFrame, picture);
  void feed(child.stdio[4], drawBarcode, barcode);
  return new Promise((resolve, reject) => child.on('exit', (rc) => (rc === 0 ? resolve() : reject(new Error(`ffmpeg ended with ${rc}`)))));
}

function probe(file) {
  const { stdout } = spawnSync('ffprobe', ['-v', 'error', '-select_streams', 'v', '-show_entries', 'packet=pts', '-of', 'csv=p=0', file], {
    encoding: 'utf8',
  });
  const ticks = stdout
    .split(/\s+/)
    .map((word) => parseInt(word, 10))
    .filter(Number.isFinite);
  return { firstTick: Math.min(...ticks), lastTick: Math.max(...ticks), frames: ticks.length, sizeBytes: readFileSync(file).length };
}
