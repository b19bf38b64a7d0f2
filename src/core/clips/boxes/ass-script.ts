import { boxColour } from './box-colours.js';

/** A box for as long as it is shown, in the clip's time. */
export interface ShownBox {
  /** Clip time of the frame that it belongs to. */
  readonly fromUs: number;
  /** Clip time of the first frame that it is no longer shown with. */
  readonly untilUs: number;
  /** 0..1 of the picture. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly label: string;
  /** Boxes of one colour go together. */
  readonly colour: number;
}

export interface PictureSize {
  readonly widthPx: number;
  readonly heightPx: number;
}

const STYLE_FIELDS =
  'Name, Fontname, Fontsize, PrimaryColour, OutlineColour, BackColour, BorderStyle, Outline, Shadow, Alignment, ' +
  'MarginL, MarginR, MarginV';
const US_PER_CENTISECOND = 10_000;
const MOST_LABEL = 60;

/**
 * Boxes as subtitles that libass draws. Its times are of whole centiseconds, which a frame's are not: a box begins at the centisecond
 * within the last 10 ms before its frame, and ends so before the first frame without it. Frames that are more than 10 ms apart are told
 * apart exactly.
 */
export function assScript(boxes: readonly ShownBox[], { widthPx, heightPx }: PictureSize): string {
  const linePx = Math.max(2, Math.round(heightPx / 270));
  const fontPx = Math.max(12, Math.round(heightPx / 30));
  return [
    '[Script Info]',
    'ScriptType: v4.00+',
    `PlayResX: ${widthPx}`,
    `PlayResY: ${heightPx}`,
    'WrapStyle: 2',
    'ScaledBorderAndShadow: yes',
    '[V4+ Styles]',
    `Format: ${STYLE_FIELDS}`,
    `Style: Box,Sans,${fontPx},&H00FFFFFF,&H00FFFFFF,&H00000000,1,0,0,7,0,0,0`,
    `Style: Label,Sans,${fontPx},&H00FFFFFF,&H00000000,&H00000000,1,${Math.max(1, linePx / 2)},0,1,0,0,0`,
    '[Events]',
    'Format: Layer, Start, End, Style, MarginL, MarginR, MarginV, Effect, Text',
    ...boxes.flatMap((box) => lines(box, { widthPx, heightPx }, linePx)),
    '',
  ].join('\n');
}

function lines(box: ShownBox, { widthPx, heightPx }: PictureSize, linePx: number): string[] {
  const times = `${clock(box.fromUs)},${clock(box.untilUs)}`;
  const [left, top] = [Math.round(box.x * widthPx), Math.round(box.y * heightPx)];
  const [right, bottom] = [Math.round((box.x + box.width) * widthPx), Math.round((box.y + box.height) * heightPx)];
  // Blue, green, red.
  const [, red, green, blue] = /^#(..)(..)(..)$/.exec(boxColour(box.colour))!;
  const colour = `\\1c&H${blue}${green}${red}&`;
  // A frame is four bars: libass has no rectangle that is not filled.
  const bars = [
    rectangle(left, top, right, top + linePx),
    rectangle(left, bottom - linePx, right, bottom),
    rectangle(left, top, left + linePx, bottom),
    rectangle(right - linePx, top, right, bottom),
  ];
  const label = plain(box.label);
  return [
    `Dialogue: 0,${times},Box,0,0,0,,{\\pos(0,0)${colour}\\p1}${bars.join(' ')}{\\p0}`,
    ...(label === '' ? [] : [`Dialogue: 1,${times},Label,0,0,0,,{\\pos(${left},${Math.max(top - linePx, heightPx / 20)})}${label}`]),
  ];
}

const rectangle = (left: number, top: number, right: number, bottom: number): string =>
  `m ${left} ${top} l ${right} ${top} ${right} ${bottom} ${left} ${bottom}`;

/** Labels are whatever an analyzer said: nothing of them may be taken for an override. */
const plain = (label: string): string =>
  label
    .replace(/[\\{}]/g, '')
    .replace(/\s+/g, ' ')
    .slice(0, MOST_LABEL);

/** The last whole centisecond at or before a time: frames after it, and not those more than 10 ms before, are at or after it. */
function clock(us: number): string {
  const all = Math.max(0, Math.floor(us / US_PER_CENTISECOND));
  const [seconds, centiseconds] = [Math.floor(all / 100), all % 100];
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${two(centiseconds)}`;
}
