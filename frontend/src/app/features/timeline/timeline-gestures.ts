/** What gestures on the timeline do; x and y are CSS pixels from its corner, times ms since 1970. */
export interface GestureTargets {
  timeAt(x: number): number;
  playheadX(): number | null;
  /** Dragging marks a range instead of moving the timeline. */
  isMarking(): boolean;
  hover(atMs: number | null): void;
  scrub(atMs: number | null): void;
  seek(atMs: number): void;
  click(atMs: number, y: number): void;
  pan(byPx: number): void;
  zoom(factor: number, anchorMs: number): void;
  mark(fromMs: number, toMs: number): void;
}

type Drag =
  | { readonly kind: 'pan'; lastX: number; readonly startX: number; readonly startY: number; hasMoved: boolean }
  | { readonly kind: 'scrub' }
  | { readonly kind: 'mark'; readonly fromMs: number };

/** A hand does not hold still: less is a click. */
const CLICK_PX = 4;
const HANDLE_PX = 9;
const RULER_PX = 24;
/** Of a wheel's notch, 100 px in most browsers. */
const ZOOM_PER_PX = 0.0022;

/** Turns pointers and wheels on an element into what the timeline does. */
export class TimelineGestures {
  private readonly pointers = new Map<number, { x: number; y: number }>();
  private drag: Drag | null = null;
  private pinchPx: number | null = null;
  private readonly ends: (() => void)[] = [];

  /** @param track has the focus, and hears the pointers; @param canvas is where they are measured */
  constructor(
    private readonly track: HTMLElement,
    private readonly canvas: HTMLElement,
    private readonly targets: GestureTargets,
  ) {
    this.on('pointerdown', (event) => this.down(event));
    this.on('pointermove', (event) => this.move(event));
    this.on('pointerup', (event) => this.up(event));
    this.on('pointercancel', (event) => this.cancel(event));
    this.on('pointerleave', () => this.targets.hover(null));
    this.on('wheel', (event) => this.wheel(event), { passive: false });
  }

  dispose(): void {
    for (const end of this.ends) end();
  }

  private down(event: PointerEvent): void {
    if (event.button !== 0) return;
    const at = this.placeOf(event);
    this.pointers.set(event.pointerId, at);
    this.track.setPointerCapture(event.pointerId);
    if (this.pointers.size === 2) {
      this.drag = null;
      this.targets.scrub(null);
      this.pinchPx = this.spread();
      return;
    }
    const playhead = this.targets.playheadX();
    if (event.shiftKey || this.targets.isMarking()) this.drag = { kind: 'mark', fromMs: this.targets.timeAt(at.x) };
    else if (at.y < RULER_PX || (playhead !== null && Math.abs(playhead - at.x) <= HANDLE_PX)) {
      this.drag = { kind: 'scrub' };
      this.targets.scrub(this.targets.timeAt(at.x));
    } else this.drag = { kind: 'pan', lastX: at.x, startX: at.x, startY: at.y, hasMoved: false };
  }

  private move(event: PointerEvent): void {
    const at = this.placeOf(event);
    if (this.pointers.has(event.pointerId)) this.pointers.set(event.pointerId, at);
    if (this.pinchPx !== null && this.pointers.size === 2) {
      const spread = this.spread();
      if (spread > 0) this.targets.zoom(this.pinchPx / spread, this.targets.timeAt(this.middle()));
      this.pinchPx = spread;
      return;
    }
    const { drag } = this;
    if (event.pointerType !== 'touch') this.targets.hover(this.targets.timeAt(at.x));
    if (drag === null) return;
    if (drag.kind === 'scrub') this.targets.scrub(this.targets.timeAt(at.x));
    else if (drag.kind === 'mark') this.targets.mark(drag.fromMs, this.targets.timeAt(at.x));
    else if (drag.hasMoved || Math.abs(at.x - drag.startX) > CLICK_PX) {
      drag.hasMoved = true;
      this.targets.pan(drag.lastX - at.x);
      drag.lastX = at.x;
    }
  }

  private up(event: PointerEvent): void {
    const { drag } = this;
    const at = this.placeOf(event);
    this.release(event);
    if (drag?.kind === 'scrub') this.targets.seek(this.targets.timeAt(at.x));
    else if (drag?.kind === 'pan' && !drag.hasMoved) this.targets.click(this.targets.timeAt(at.x), drag.startY);
  }

  private cancel(event: PointerEvent): void {
    this.release(event);
    this.targets.scrub(null);
  }

  private release({ pointerId }: PointerEvent): void {
    this.pointers.delete(pointerId);
    this.pinchPx = null;
    this.drag = null;
  }

  /** The page scrolls on over a timeline that nobody is busy with. */
  private wheel(event: WheelEvent): void {
    const isBusy = event.ctrlKey || event.metaKey || this.track.contains(document.activeElement);
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) this.targets.pan(event.deltaX);
    else if (isBusy)
      this.targets.zoom(Math.exp(event.deltaY * ZOOM_PER_PX * (event.ctrlKey ? 4 : 1)), this.targets.timeAt(this.placeOf(event).x));
    else return;
    event.preventDefault();
  }

  private placeOf({ clientX, clientY }: MouseEvent): { x: number; y: number } {
    const { left, top } = this.canvas.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  }

  private spread(): number {
    const [a, b] = [...this.pointers.values()];
    return a && b ? Math.abs(a.x - b.x) : 0;
  }

  private middle(): number {
    const [a, b] = [...this.pointers.values()];
    return a && b ? (a.x + b.x) / 2 : 0;
  }

  private on<K extends keyof HTMLElementEventMap>(
    name: K,
    handler: (event: HTMLElementEventMap[K]) => void,
    options?: AddEventListenerOptions,
  ): void {
    this.track.addEventListener(name, handler, options);
    this.ends.push(() => this.track.removeEventListener(name, handler, options));
  }
}
