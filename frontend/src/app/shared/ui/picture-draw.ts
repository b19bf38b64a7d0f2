import { ChangeDetectionStrategy, Component, computed, ElementRef, input, model, signal, viewChild } from '@angular/core';

/** x and y, 0..1 of the picture. */
export type DrawnPoint = readonly [number, number];
export type DrawMode = 'polygon' | 'line' | 'box';

/** A shape that is there already. */
export interface DrawnShape {
  readonly id: string;
  readonly points: readonly DrawnPoint[];
  readonly isOpen: boolean;
  readonly label: string;
}

const MOST_POINTS = 64;
const STEP = 0.02;
const FINE_STEP = 0.004;
const HIT_PX = 12;

/**
 * Draws over a picture that is fitted into its place: clicks put corners, dragging moves them. By keyboard the arrows move a cross and
 * Enter puts a corner there; Backspace takes the last one away.
 */
@Component({
  selector: 'vd-picture-draw',
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './picture-draw.html',
  host: { class: 'draw' },
})
export class PictureDraw {
  readonly widthPx = input.required<number>();
  readonly heightPx = input.required<number>();
  /** Null: nothing is drawn, what is there is shown. */
  readonly mode = input.required<DrawMode | null>();
  readonly label = input.required<string>();
  readonly shapes = input<readonly DrawnShape[]>([]);
  readonly points = model<readonly DrawnPoint[]>([]);

  private readonly svg = viewChild.required<ElementRef<SVGSVGElement>>('svg');
  protected readonly cross = signal<DrawnPoint | null>(null);
  private dragged: number | null = null;

  protected readonly viewBox = computed(() => `0 0 ${this.widthPx()} ${this.heightPx()}`);
  /** In units of the picture, so wide that it looks the same at any size. */
  protected readonly corner = computed(() => Math.max(this.widthPx(), this.heightPx()) / 110);
  protected readonly drawn = computed(() => this.pathOf(this.outline(), this.mode() === 'line'));
  protected readonly corners = computed(() => this.points().map(([x, y]) => ({ x: x * this.widthPx(), y: y * this.heightPx() })));
  protected readonly others = computed(() =>
    this.shapes().map(({ id, points, isOpen, label }) => ({
      ...{ id, label, path: this.pathOf(points, isOpen) },
      x: (points[0]?.[0] ?? 0) * this.widthPx(),
      y: (points[0]?.[1] ?? 0) * this.heightPx(),
    })),
  );

  /** A box is told by two corners and drawn by four. */
  private outline(): readonly DrawnPoint[] {
    const [a, b] = this.points();
    if (this.mode() !== 'box' || !a || !b) return this.points();
    return [a, [b[0], a[1]], b, [a[0], b[1]]];
  }

  protected down(event: PointerEvent): void {
    if (this.mode() === null || event.button !== 0) return;
    const at = this.placeOf(event);
    const hit = this.points().findIndex((point) => this.isNear(point, at));
    if (this.mode() === 'box') {
      this.points.set([at, at]);
      this.dragged = 1;
    } else if (hit >= 0) this.dragged = hit;
    else {
      this.put(at);
      this.dragged = this.points().length - 1;
    }
    this.svg().nativeElement.setPointerCapture(event.pointerId);
    event.preventDefault();
    this.svg().nativeElement.focus();
  }

  protected move(event: PointerEvent): void {
    const { dragged } = this;
    if (dragged === null) return;
    const at = this.placeOf(event);
    this.points.update((points) => points.map((point, i) => (i === dragged ? at : point)));
  }

  protected up(): void {
    this.dragged = null;
  }

  protected onKey(event: KeyboardEvent): void {
    if (this.mode() === null) return;
    const [x, y] = this.cross() ?? [0.5, 0.5];
    const step = event.shiftKey ? FINE_STEP : STEP;
    const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
    if (by) this.cross.set([within(x + by[0]!), within(y + by[1]!)]);
    else if (event.key === 'Enter') this.put([x, y]);
    else if (event.key === 'Backspace') this.points.update((points) => points.slice(0, -1));
    else return;
    event.preventDefault();
  }

  private put(at: DrawnPoint): void {
    if (this.mode() === 'box' && this.points().length >= 2) this.points.set([at]);
    else if (this.points().length < MOST_POINTS) this.points.update((points) => [...points, at]);
  }

  private placeOf({ clientX, clientY }: PointerEvent): DrawnPoint {
    const { left, top, width, height } = this.svg().nativeElement.getBoundingClientRect();
    const scale = Math.min(width / this.widthPx(), height / this.heightPx());
    const [w, h] = [this.widthPx() * scale, this.heightPx() * scale];
    return [within((clientX - left - (width - w) / 2) / w), within((clientY - top - (height - h) / 2) / h)];
  }

  private isNear([ax, ay]: DrawnPoint, [bx, by]: DrawnPoint): boolean {
    const { width, height } = this.svg().nativeElement.getBoundingClientRect();
    return Math.hypot((ax - bx) * width, (ay - by) * height) <= HIT_PX;
  }

  private pathOf(points: readonly DrawnPoint[], isOpen: boolean): string {
    if (points.length === 0) return '';
    const corners = points.map(([x, y]) => `${(x * this.widthPx()).toFixed(1)} ${(y * this.heightPx()).toFixed(1)}`);
    return `M${corners.join('L')}${isOpen ? '' : 'Z'}`;
  }
}

const within = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000;
