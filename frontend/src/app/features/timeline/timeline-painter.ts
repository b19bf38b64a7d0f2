import type { PlacedRow } from './timeline-rows';
import type { CoverageBucket, CoverageLane, EventLane, TimelineModel } from './timeline-store';
import { ticksOf, type Tick } from './timeline-ticks';
import type { TimeSpan } from './timeline-window';

/** What a frame of the timeline shows. Times are ms since 1970. */
export interface TimelineScene {
  readonly span: TimeSpan;
  readonly model: TimelineModel;
  readonly rows: readonly PlacedRow[];
  readonly nowMs: number;
  readonly playheadMs: number | null;
  readonly analysedToMs: number | null;
  readonly range: TimeSpan | null;
  readonly hoverMs: number | null;
  readonly isLive: boolean;
}

export interface TimelineColours {
  colour(token: `--${string}`): string;
}

const LABEL_PX = 76;
const FONT = '500 11px "Geist Variable", system-ui, sans-serif';
/** Lanes of events take turns with these. */
const LANE_TOKENS = ['--ice', '--amber', '--coral', '--text-2', '--lime'] as const;
const LEAST_PX = 2;

/** Skips that are no loss: there was nothing to look at. */
export const isNothingToDo = (code: string): boolean => /^no[-_]/.test(code);

/** Draws the strips into a canvas, in CSS pixels. */
export class TimelinePainter {
  private width = 0;
  private height = 0;
  private ratio = 1;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly colours: TimelineColours,
    private readonly label: (tick: Tick) => string,
  ) {}

  resize(widthPx: number, heightPx: number, ratio: number): void {
    if (widthPx === this.width && heightPx === this.height && ratio === this.ratio) return;
    [this.width, this.height, this.ratio] = [widthPx, heightPx, ratio];
    this.canvas.width = Math.round(widthPx * ratio);
    this.canvas.height = Math.round(heightPx * ratio);
  }

  paint(scene: TimelineScene): void {
    const context = this.canvas.getContext('2d');
    if (!context || this.width === 0) return;
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    const { fromMs, toMs } = scene.span;
    const x = (atMs: number): number => ((atMs - fromMs) / (toMs - fromMs)) * this.width;
    const draw = new StripPainter(context, x, this.colours);
    this.paintRuler(context, x, scene.span);
    let lane = 0;
    for (const placed of scene.rows) {
      const { row } = placed;
      if (row.kind === 'recorded') draw.recorded(scene.model, placed);
      else if (row.kind === 'events') draw.events([row.lane], scene.model.stepMs, placed, LANE_TOKENS[lane++ % LANE_TOKENS.length]!);
      else if (row.kind === 'other-events') draw.events(row.lanes, scene.model.stepMs, placed, '--text-3');
      else if (row.kind === 'coverage-all') draw.coverage(row.lanes, scene.model.coverageStepMs, placed);
      else if (row.kind === 'coverage') draw.coverage([row.lane], scene.model.coverageStepMs, placed);
    }
    this.paintMarks(context, x, scene);
  }

  private paintRuler(context: CanvasRenderingContext2D, x: (atMs: number) => number, span: TimeSpan): void {
    const offsetMs = -new Date(span.toMs).getTimezoneOffset() * 60_000;
    context.font = FONT;
    context.textBaseline = 'middle';
    context.textAlign = 'center';
    for (const tick of ticksOf(span, this.width, LABEL_PX, offsetMs)) {
      const at = Math.round(x(tick.atMs)) + 0.5;
      context.fillStyle = this.colours.colour('--line');
      context.fillRect(at, 20, 1, this.height - 20);
      const text = this.label(tick);
      const half = context.measureText(text).width / 2;
      // A label that would be cut off at an edge is left away.
      if (at - half < 2 || at + half > this.width - 2) continue;
      context.fillStyle = this.colours.colour(tick.kind === 'day' ? '--text' : '--text-3');
      context.fillText(text, at, 10);
    }
  }

  private paintMarks(context: CanvasRenderingContext2D, x: (atMs: number) => number, scene: TimelineScene): void {
    const { colours, height, width } = this;
    const now = x(scene.nowMs);
    if (now < width) {
      context.fillStyle = colours.colour('--ink-0');
      context.globalAlpha = 0.55;
      context.fillRect(now, 0, width - now, height);
      context.globalAlpha = 1;
      context.fillStyle = colours.colour('--line-strong');
      context.fillRect(now, 0, 1, height);
    }
    if (scene.range !== null) {
      const [from, to] = [x(scene.range.fromMs), x(scene.range.toMs)];
      context.fillStyle = colours.colour('--ice');
      context.globalAlpha = 0.16;
      context.fillRect(from, 0, to - from, height);
      context.globalAlpha = 1;
      for (const at of [from, to]) context.fillRect(at - 1, 0, 2, height);
    }
    if (scene.analysedToMs !== null) {
      const at = x(scene.analysedToMs);
      context.fillStyle = colours.colour('--text-2');
      context.beginPath();
      context.moveTo(at - 4, 24);
      context.lineTo(at + 4, 24);
      context.lineTo(at, 30);
      context.fill();
      context.globalAlpha = 0.5;
      context.fillRect(at - 0.5, 26, 1, height - 26);
      context.globalAlpha = 1;
    }
    if (scene.hoverMs !== null) {
      context.fillStyle = colours.colour('--text-3');
      context.fillRect(Math.round(x(scene.hoverMs)), 0, 1, height);
    }
    if (scene.playheadMs !== null) {
      const at = Math.round(x(scene.playheadMs));
      context.fillStyle = colours.colour('--lime');
      context.fillRect(at - 1, 0, 2, height);
      context.beginPath();
      context.arc(at, 20, 5, 0, Math.PI * 2);
      context.fill();
    }
  }
}

class StripPainter {
  constructor(
    private readonly context: CanvasRenderingContext2D,
    private readonly x: (atMs: number) => number,
    private readonly colours: TimelineColours,
  ) {}

  /** How much is on disk, and how much moves in it: what was lost is hatched, what went by retention is left to the gap's outline. */
  recorded({ recorded, motion, stepMs }: TimelineModel, { top, height }: PlacedRow): void {
    const { context } = this;
    const bottom = top + height - 5;
    for (const { atMs, share, deleted, lost, unreadable } of recorded) {
      const [from, to] = [this.x(atMs), this.x(atMs + stepMs)];
      if (share > 0) {
        context.fillStyle = this.colours.colour('--ink-4');
        context.fillRect(from, top + 6, Math.max(1, (to - from) * Math.min(1, share) + (share > 0.98 ? 0.6 : 0)), bottom - top - 6);
      }
      if (lost + unreadable > 0.02) this.hatch(from, top + 6, to - from, bottom - top - 6, '--coral');
      if (deleted > 0.02) {
        context.fillStyle = this.colours.colour('--line');
        context.fillRect(from, bottom - 3, to - from, 3);
      }
    }
    const full = Math.max(0.02, ...motion.map(({ highest }) => highest));
    context.fillStyle = this.colours.colour('--ice');
    for (const { atMs, mean, highest } of motion) {
      const [from, to] = [this.x(atMs), this.x(atMs + stepMs)];
      const tall = (bottom - top - 8) * Math.sqrt(Math.min(1, highest / full));
      context.globalAlpha = 0.25 + 0.6 * Math.sqrt(Math.min(1, mean / full));
      context.fillRect(from, bottom - tall, Math.max(1, to - from - 0.5), tall);
    }
    context.globalAlpha = 1;
  }

  events(lanes: readonly EventLane[], stepMs: number, { top, height }: PlacedRow, token: `--${string}`): void {
    const { context } = this;
    context.fillStyle = this.colours.colour(token);
    for (const { buckets } of lanes) {
      for (const { atMs, count, seconds } of buckets) {
        if (count === 0 && seconds === 0) continue;
        const [from, to] = [this.x(atMs), this.x(atMs + stepMs)];
        context.globalAlpha = 0.45 + 0.5 * Math.min(1, (seconds * 1000) / stepMs);
        context.fillRect(from, top + 4, Math.max(LEAST_PX, to - from), height - 8);
      }
    }
    context.globalAlpha = 1;
  }

  /** From below: done, then what was not looked at by its reason. Forms differ as colours do: failed is hatched, waiting is hollow. */
  coverage(lanes: readonly CoverageLane[], stepMs: number, { top, height }: PlacedRow): void {
    const { context } = this;
    for (const [atMs, shares] of sharesOf(lanes)) {
      const [from, width] = [this.x(atMs), Math.max(1, this.x(atMs + stepMs) - this.x(atMs))];
      const [most, upper] = [height - 6, top + 3];
      let bottom = upper + most;
      const part = (share: number, least: number): number => (share <= 0 ? 0 : Math.max(least, most * share));
      const fill = (share: number, token: `--${string}`, alpha: number, least = 0): void => {
        const tall = Math.min(bottom - upper, part(share, least));
        context.globalAlpha = alpha;
        context.fillStyle = this.colours.colour(token);
        context.fillRect(from, bottom - tall, width + 0.4, tall);
        context.globalAlpha = 1;
        bottom -= tall;
      };
      if (shares.failed > 0) {
        const tall = part(shares.failed, 4);
        bottom -= tall;
        this.hatch(from, bottom, width, tall, '--coral');
      }
      fill(shares.skipped, '--amber', 0.9, 3);
      fill(shares.done, '--ice', 0.5);
      fill(shares.nothingToDo, '--ice', 0.2);
      if (shares.waiting > 0) {
        const tall = Math.min(bottom - upper, part(shares.waiting, 4));
        context.strokeStyle = this.colours.colour('--text-2');
        context.strokeRect(from + 0.5, bottom - tall + 0.5, Math.max(1, width - 1), Math.max(1, tall - 1));
      }
    }
  }

  private hatch(x: number, y: number, width: number, height: number, token: `--${string}`): void {
    const { context } = this;
    context.save();
    context.beginPath();
    context.rect(x, y, Math.max(LEAST_PX, width), height);
    context.clip();
    context.fillStyle = this.colours.colour(token);
    context.globalAlpha = 0.5;
    context.fillRect(x, y, Math.max(LEAST_PX, width), height);
    context.globalAlpha = 1;
    context.strokeStyle = this.colours.colour(token);
    context.lineWidth = 1.5;
    context.beginPath();
    for (let at = x - height; at < x + width + height; at += 5) {
      context.moveTo(at, y + height);
      context.lineTo(at + height, y);
    }
    context.stroke();
    context.restore();
  }
}

interface CoverageShares {
  done: number;
  waiting: number;
  failed: number;
  skipped: number;
  nothingToDo: number;
}

/** Of the media of a bucket that somebody was asked to look at, over all lanes. */
function sharesOf(lanes: readonly CoverageLane[]): Map<number, CoverageShares> {
  const sums = new Map<number, CoverageShares & { asked: number }>();
  for (const { buckets } of lanes) {
    for (const bucket of buckets) {
      const sum = sums.get(bucket.atMs) ?? { done: 0, waiting: 0, failed: 0, skipped: 0, nothingToDo: 0, asked: 0 };
      const nothing = nothingToDoSeconds(bucket);
      sum.done += bucket.done + bucket.partial;
      sum.waiting += bucket.waiting;
      sum.failed += bucket.failed;
      sum.skipped += Math.max(0, bucket.skipped - nothing);
      sum.nothingToDo += nothing;
      sum.asked += bucket.done + bucket.partial + bucket.waiting + bucket.failed + bucket.skipped;
      sums.set(bucket.atMs, sum);
    }
  }
  for (const [atMs, { asked, ...sum }] of sums) {
    if (asked === 0) sums.delete(atMs);
    else for (const key of Object.keys(sum) as (keyof CoverageShares)[]) sums.get(atMs)![key] = sum[key] / asked;
  }
  return sums;
}

export const nothingToDoSeconds = ({ why }: CoverageBucket): number =>
  why.reduce((sum, { code, seconds }) => sum + (isNothingToDo(code) ? seconds : 0), 0);
