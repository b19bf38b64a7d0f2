import type { PictureSize, Preset } from './config.js';

/** The filter graph of a made picture, for ffmpeg's lavfi input. */
export function madePicture(preset: Preset, size: PictureSize, fps: number): string {
  return preset === 'demo' ? demo(size, fps) : `testsrc=size=${size.widthPx}x${size.heightPx}:rate=${fps}`;
}

/** The picture stands still for the first 3 s of the second half of each minute. */
const FREEZE = { atS: 30, forS: 3 };
const BLACK = { atS: 50, forS: 2 };
const SCENE_S = 20;
/** One round of the rectangles, and one swing of the background. */
const ROUND_S = 24;
const SWING_S = 30;

/**
 * Something for the analyzers to see, at little cost: a red, a green and a blue rectangle, each a tenth of the picture,
 * go round without ever touching, over a grey slope that drifts. Every 20 s the background turns from dark to light or
 * back (a scene change); each minute has 3 s of standing still from second 30 and 2 s of black from second 50.
 */
function demo({ widthPx, heightPx }: PictureSize, fps: number): string {
  const box = { widthPx: even(widthPx * 0.26), heightPx: even(heightPx * 0.385) };
  const wide = even(widthPx * 1.5);
  const swing = (wide - widthPx) / 2;
  const colour = (name: string, hex: string) => `color=c=${hex}:s=${box.widthPx}x${box.heightPx}:r=${fps},format=yuv420p[${name}]`;
  const around = (turn: string, axis: 'W-w' | 'H-h', wave: 'cos' | 'sin') =>
    `'${CLOCK}*0+(${axis})/2*(1+${wave}(2*PI*(ld(0)/${ROUND_S}+${turn})))'`;
  const place = (turn: string) => `overlay=x=${around(turn, 'W-w', 'cos')}:y=${around(turn, 'H-h', 'sin')}`;
  const background = [
    // One picture of the slope, made once and shown for ever; the drift is a crop that moves.
    `gradients=s=${wide}x${heightPx}:r=${fps}:c0=0x303030:c1=0x686868` +
      `:x0=0:y0=0:x1=${wide}:y1=0:nb_colors=2:speed=0.00001:duration=${1 / fps}`,
    'format=yuv420p',
    'loop=loop=-1:size=1',
    `crop=w=${widthPx}:h=${heightPx}:x='${CLOCK}*0+${swing}*(1+sin(2*PI*ld(0)/${SWING_S}))':y=0`,
    `negate=enable='mod(floor(t/${SCENE_S})\\,2)'`,
  ].join(',');
  const black = `drawbox=color=black:t=fill:enable='between(mod(t\\,60)\\,${BLACK.atS}\\,${BLACK.atS + BLACK.forS})'`;
  return [
    `${background}[bg]`,
    colour('red', '0xff0000'),
    colour('green', '0x00ff00'),
    colour('blue', '0x0000ff'),
    `[bg][red]${place('0')}[one]`,
    `[one][green]${place('1/3')}[two]`,
    `[two][blue]${place('2/3')},${black}`,
  ].join(';');
}

/** Stores in register 0 of an ffmpeg expression a time that pauses with {@link FREEZE} and does not jump after it. */
const CLOCK = `st(0\\,t-${FREEZE.forS}*floor(t/60)-clip(mod(t\\,60)-${FREEZE.atS}\\,0\\,${FREEZE.forS}))`;

function even(pixels: number): number {
  return 2 * Math.round(pixels / 2);
}
