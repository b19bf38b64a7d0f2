import type { ShownDetection, TrailPoint } from '../../core/boxes-between';
import type { Shown } from '../../core/detection-timeline';
import { LabelColours, containRect, placeBox, placeLabel, type Rect } from './overlay-geometry';

export interface OverlaySettings {
  readonly boxes: boolean;
  readonly labels: boolean;
  readonly minScore: number;
  /** Where tracked objects came from. */
  readonly trails?: boolean;
  /** Ids of analyzers whose boxes are left away. */
  readonly hidden?: ReadonlySet<string>;
}

export interface Picture {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** A box as it was drawn, for read-outs and tests. */
export interface DrawnBox {
  readonly analyzerId: string;
  readonly label: string;
  readonly score: number;
  readonly ptsUs: number;
  readonly exact: boolean;
  /** Put between where it was seen before and after this frame. */
  readonly between: boolean;
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
}

const LABEL_FONT = '600 11.5px "Geist Variable", system-ui, sans-serif';
const LABEL_HEIGHT = 18;
const LABEL_PAD = 6;

/** Draws detections over a picture that is fitted (`object-fit: contain`) into the canvas's element. */
export class OverlayPainter {
  private width = 0;
  private height = 0;
  private ratio = 1;
  private readonly colours = new LabelColours();

  constructor(private readonly canvas: HTMLCanvasElement) {}

  /** Takes the element's size in CSS pixels; the bitmap follows the screen's pixels. */
  resize(widthCssPx: number, heightCssPx: number, devicePixelRatio: number): void {
    if (widthCssPx === this.width && heightCssPx === this.height && devicePixelRatio === this.ratio) return;
    this.width = widthCssPx;
    this.height = heightCssPx;
    this.ratio = devicePixelRatio;
    this.canvas.width = Math.round(widthCssPx * devicePixelRatio);
    this.canvas.height = Math.round(heightCssPx * devicePixelRatio);
  }

  clear(): void {
    this.canvas.getContext('2d')?.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  /** @param trailOf where an object was before; asked for where trails are wanted */
  paint(
    shown: readonly Shown[],
    picture: Picture,
    settings: OverlaySettings,
    trailOf: (detection: ShownDetection) => readonly TrailPoint[] = () => [],
  ): DrawnBox[] {
    const context = this.canvas.getContext('2d');
    if (!context) return [];
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    if (!settings.boxes) return [];
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    const area = containRect(this.width, this.height, picture.widthPx, picture.heightPx);
    const drawn: DrawnBox[] = [];
    for (const sample of shown) {
      if (settings.hidden?.has(sample.analyzerId) === true) continue;
      for (const detection of sample.detections) {
        if (detection.score < settings.minScore) continue;
        const rect = placeBox(detection.box, area);
        const colour = this.colours.colourOf(detection.label);
        const exact = sample.exact && detection.between !== true;
        // Between two analysed frames a box is a little lighter; one that is held says so by fading until its successor is due.
        context.globalAlpha = exact ? 1 : detection.between ? 0.85 : 0.85 - 0.3 * sample.age;
        if (settings.trails === true) paintTrail(context, trailOf(detection), rect, colour, area);
        paintBox(context, rect, colour);
        if (settings.labels) paintLabel(context, `${detection.label} ${Math.round(detection.score * 100)}`, rect, colour, area);
        const { analyzerId, label, score, ptsUs, box } = detection;
        drawn.push({ analyzerId, label, score, ptsUs, exact, between: detection.between === true, box });
      }
    }
    context.globalAlpha = 1;
    return drawn;
  }
}

/** From where an object was to the middle of its box, thinner the longer ago. */
function paintTrail(context: CanvasRenderingContext2D, trail: readonly TrailPoint[], rect: Rect, colour: string, area: Rect): void {
  if (trail.length === 0) return;
  const points = trail.map(({ x, y }) => ({ x: area.x + x * area.width, y: area.y + y * area.height }));
  points.push({ x: rect.x + rect.width / 2, y: rect.y + rect.height / 2 });
  context.strokeStyle = colour;
  context.lineCap = 'round';
  for (let i = 1; i < points.length; i++) {
    context.lineWidth = 0.75 + (2.25 * i) / points.length;
    context.beginPath();
    context.moveTo(points[i - 1]!.x, points[i - 1]!.y);
    context.lineTo(points[i]!.x, points[i]!.y);
    context.stroke();
  }
}

function paintBox(context: CanvasRenderingContext2D, rect: Rect, colour: string): void {
  context.lineJoin = 'round';
  context.strokeStyle = 'rgb(6 9 11 / 0.55)';
  context.lineWidth = 4;
  context.strokeRect(rect.x, rect.y, rect.width, rect.height);
  context.strokeStyle = colour;
  context.lineWidth = 1.75;
  context.strokeRect(rect.x, rect.y, rect.width, rect.height);
  // Heavier corners keep a small box readable over a busy picture.
  const arm = Math.min(14, rect.width / 3, rect.height / 3);
  context.lineWidth = 3;
  context.beginPath();
  for (const [cornerX, cornerY, dx, dy] of [
    [rect.x, rect.y, 1, 1],
    [rect.x + rect.width, rect.y, -1, 1],
    [rect.x, rect.y + rect.height, 1, -1],
    [rect.x + rect.width, rect.y + rect.height, -1, -1],
  ] as const) {
    context.moveTo(cornerX + dx * arm, cornerY);
    context.lineTo(cornerX, cornerY);
    context.lineTo(cornerX, cornerY + dy * arm);
  }
  context.stroke();
}

function paintLabel(context: CanvasRenderingContext2D, text: string, rect: Rect, colour: string, area: Rect): void {
  context.font = LABEL_FONT;
  const width = context.measureText(text).width + LABEL_PAD * 2;
  const outer = { x: rect.x - 1, y: rect.y - 2, width: rect.width, height: rect.height };
  const { x, y } = placeLabel(outer, width, LABEL_HEIGHT, area);
  context.fillStyle = colour;
  context.beginPath();
  context.roundRect(x, y, width, LABEL_HEIGHT, 3);
  context.fill();
  context.fillStyle = '#0a0d0f';
  context.textBaseline = 'middle';
  context.fillText(text, x + LABEL_PAD, y + LABEL_HEIGHT / 2 + 0.5);
}
