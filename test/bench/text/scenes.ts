import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CACHE_DIR, fingerprint, HERE as LOGOS, madeOnce } from '../logos/cache-folder.js';
import { seededRandom } from '../../support/tracking/motion-scene.js';
import { drawLine, type LineStyle } from './draw-line.js';
import { backgroundsOf, MATERIAL, type Split } from './material.js';
import type { ReadText, TextClip, TextTruth } from './truth.js';

const [WIDTH_PX, HEIGHT_PX, FPS, SECONDS] = [1280, 720, 25, 6];
const BITRATES_KBPS = [600, 1_500, 4_000] as const;
const HERE = join(LOGOS, '..', 'text');
const MAKERS = ['scenes.ts', 'draw-line.ts', 'material.ts'].map((name) => join(HERE, name));
/** The background is drawn this much larger than the frame, for the camera to move over. */
const ROOM = 1.25;

/** One line for part of a clip. */
interface Shown {
  readonly text: string;
  readonly style: LineStyle;
  readonly x: number;
  readonly y: number;
  readonly fromS: number;
  readonly toS: number;
  /** Moves with the background. */
  readonly isInScene: boolean;
}

export async function textScenes(split: Split, clips: number): Promise<TextClip[]> {
  const folder = join(CACHE_DIR, `text-${split}-${fingerprint(MAKERS)}`);
  const made: TextClip[] = [];
  for (let index = 0; index < clips; index++) {
    const clip = await madeOnce(join(folder, String(index)), (unfinished) => makeClip(split, index, unfinished));
    made.push({ file: join(clip, 'clip.mp4'), truth: JSON.parse(await readFile(join(clip, 'truth.json'), 'utf8')) as TextTruth });
  }
  return made;
}

async function makeClip(split: Split, index: number, folder: string): Promise<void> {
  const { seed } = MATERIAL[split];
  const random = seededRandom(seed + index);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const backgrounds = backgroundsOf(split);
  const [first, second] = [pick(backgrounds), pick(backgrounds)];
  const cutS = random() < 0.5 ? SECONDS : 2.4 + random() * 1.5;
  const panPxPerS = (random() - 0.5) * 60;
  const shown = linesOf(split, random, pick);
  const drawn = await Promise.all(shown.map(({ text, style }) => drawLine(text, style)));
  await Promise.all(drawn.map(({ png }, i) => writeFile(join(folder, `line-${i}.png`), png)));
  const bitrateKbps = BITRATES_KBPS[index % BITRATES_KBPS.length]!;
  const place = ({ x, isInScene }: Shown): string => (isInScene ? `${x}-(${panPxPerS.toFixed(3)})*t` : String(x));
  const pan = `'(iw-ow)/2+(${panPxPerS.toFixed(3)})*t':'(ih-oh)/2'`;
  const ground = `scale=${WIDTH_PX * ROOM}:${HEIGHT_PX * ROOM},crop=${WIDTH_PX}:${HEIGHT_PX}:${pan},setsar=1`;
  const filters = [
    `[0]${ground}[a]`,
    `[1]${ground}[b]`,
    `[a][b]overlay=enable='gte(t,${cutS.toFixed(3)})'[g0]`,
    ...shown.map(
      (line, i) =>
        `[g${i}][${i + 2}]overlay=x='${place(line)}':y=${line.y}:` +
        `enable='between(t,${line.fromS.toFixed(3)},${line.toS.toFixed(3)})'[g${i + 1}]`,
    ),
  ];
  const inputs = [first, second, ...shown.map((_, i) => join(folder, `line-${i}.png`))];
  await ffmpeg([
    ...inputs.flatMap((file) => ['-loop', '1', '-framerate', String(FPS), '-t', String(SECONDS), '-i', file]),
    ...['-filter_complex', filters.join(';'), '-map', `[g${shown.length}]`, '-t', String(SECONDS), '-pix_fmt', 'yuv420p'],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-b:v', `${bitrateKbps}k`, '-maxrate', `${bitrateKbps}k`, '-bufsize', `${bitrateKbps}k`],
    ...['-g', String(2 * FPS), '-sc_threshold', '0', join(folder, 'clip.mp4')],
  ]);
  const frames = Array.from({ length: SECONDS * FPS }, (_, frame) => {
    const t = frame / FPS;
    return shown.flatMap((line, i): ReadText[] => {
      if (t < line.fromS || t > line.toS) return [];
      const x = line.isInScene ? line.x - panPxPerS * t : line.x;
      return [{ text: line.text, box: [x, line.y, x + drawn[i]!.widthPx, line.y + drawn[i]!.heightPx] }];
    });
  });
  const truth: TextTruth = { widthPx: WIDTH_PX, heightPx: HEIGHT_PX, fps: FPS, bitrateKbps, frames };
  await writeFile(join(folder, 'truth.json'), JSON.stringify(truth));
}

/** A lower third of two lines, a headline or small print, a score that changes or a clock, and now and then a sign in the scene. */
function linesOf(split: Split, random: () => number, pick: <T>(from: readonly T[]) => T): Shown[] {
  const { fonts, names, roles, places, nouns, verbs, teams } = MATERIAL[split];
  const between = (from: number, to: number): number => Math.round(from + random() * (to - from));
  const styleOf = (sizePx: number, turnedDegrees = 0): LineStyle => {
    const [ink, plate] = pick([
      ['#ffffff', '#10244cff'],
      ['#ffffff', '#7a1020d0'],
      ['#101010', '#f4f4f0e8'],
      ['#ffffff', null],
      ['#ffe14a', '#202020c0'],
    ] as const);
    return { font: pick(fonts), sizePx, ink, plate: turnedDegrees === 0 ? plate : null, turnedDegrees };
  };
  const always = { fromS: 0, toS: SECONDS, isInScene: false };
  const spell = { fromS: 0.3 + random() * 1.5, toS: 4.2 + random() * 1.6, isInScene: false };
  const name = styleOf(between(30, 46));
  const lines: Shown[] = [
    { text: pick(names), style: name, x: 90, y: 500, ...spell },
    { text: pick(roles), style: { ...name, sizePx: between(20, 28) }, x: 90, y: 575, ...spell },
  ];
  const what = `${pick(nouns)} ${pick(verbs)} ${pick(nouns)} in ${pick(places)}`;
  const headline = what[0]!.toUpperCase() + what.slice(1);
  lines.push({ text: headline, style: styleOf(between(18, 32)), x: 60, y: 645, ...always });
  const [home, away] = [pick(teams), pick(teams)];
  const style = styleOf(between(22, 34));
  if (random() < 0.5) {
    const at = 1.2 + random() * 3;
    const score = between(0, 4);
    const board = (goals: number): string => `${home} ${goals} - ${score} ${away}`;
    lines.push(
      { text: board(1), style, x: 60, y: 40, ...always, toS: at },
      { text: board(2), style, x: 60, y: 40, ...always, fromS: at + 0.001 },
    );
  } else {
    const minute = between(10, 59);
    for (let second = 0; second < SECONDS; second++)
      lines.push({
        text: `${between(10, 10)}:${minute}:${String(second + 20)}`,
        style,
        x: 60,
        y: 40,
        ...always,
        fromS: second,
        toS: second + 0.999,
      });
  }
  if (random() < 0.6)
    lines.push({
      text: pick(places).toUpperCase(),
      style: styleOf(between(34, 60), between(-12, 12)),
      x: between(500, 800),
      y: between(150, 300),
      ...always,
      isInScene: true,
    });
  return lines;
}

function ffmpeg(args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.env['FFMPEG_PATH'] ?? 'ffmpeg', ['-v', 'error', '-y', ...args], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`ffmpeg ended with ${code}`))));
  });
}
