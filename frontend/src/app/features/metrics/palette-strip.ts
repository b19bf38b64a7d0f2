import { ChangeDetectionStrategy, Component, ElementRef, computed, effect, input, untracked, viewChild } from '@angular/core';
import type { ObservationWire } from '../../api/models';
import type { PlotWindow } from './chart-data';
import { paletteOf, type Swatch } from './palette';

/** Dominant colours over the window, stacked by share: the mood of the picture at a glance. */
@Component({
  selector: 'vd-palette-strip',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `<canvas #canvas class="palette__history" aria-hidden="true"></canvas>
    <ul class="palette__now" aria-label="Dominant colours of the displayed frame">
      @for (swatch of now(); track $index) {
        <li [style.flex-grow]="swatch.share" [style.background-color]="swatch.css" [attr.title]="swatch.css + ' ' + percent(swatch)">
          <span class="hidden">{{ swatch.css }} {{ percent(swatch) }}</span>
        </li>
      }
    </ul>`,
  host: { class: 'palette' },
})
export class PaletteStrip {
  readonly observations = input.required<readonly ObservationWire[]>();
  readonly window = input.required<PlotWindow>();
  private readonly canvas = viewChild.required<ElementRef<HTMLCanvasElement>>('canvas');

  private readonly palettes = computed(() =>
    this.observations().flatMap((observation) => {
      const swatches = paletteOf(observation);
      return swatches === null ? [] : [{ atMs: Date.parse(observation.at), swatches }];
    }),
  );
  protected readonly now = computed<readonly Swatch[]>(() => {
    const { atMs, toMs } = this.window();
    return this.palettes().findLast((palette) => palette.atMs <= (atMs ?? toMs))?.swatches ?? [];
  });

  constructor() {
    effect(() => {
      const window = this.window();
      const palettes = this.palettes();
      const canvas = this.canvas().nativeElement;
      untracked(() => paint(canvas, window, palettes));
    });
  }

  protected percent(swatch: Swatch): string {
    return `${Math.round(swatch.share * 100)} %`;
  }
}

/** A palette holds until the next, but not across a hole. */
const LONGEST_MS = 6_000;

function paint(canvas: HTMLCanvasElement, window: PlotWindow, palettes: readonly { atMs: number; swatches: readonly Swatch[] }[]): void {
  const ratio = devicePixelRatio || 1;
  const width = Math.round(canvas.clientWidth * ratio);
  const height = Math.round(canvas.clientHeight * ratio);
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext('2d');
  if (!context) return;
  context.clearRect(0, 0, width, height);
  const toX = (ms: number): number => ((ms - window.fromMs) / (window.toMs - window.fromMs)) * width;
  palettes.forEach(({ atMs, swatches }, i) => {
    const endMs = Math.min(palettes[i + 1]?.atMs ?? atMs + 1_000, atMs + LONGEST_MS);
    if (endMs < window.fromMs || atMs > window.toMs) return;
    const x = Math.floor(toX(atMs));
    const wide = Math.max(1, Math.ceil(toX(endMs)) - x);
    const total = swatches.reduce((sum, swatch) => sum + swatch.share, 0);
    let y = 0;
    for (const swatch of swatches) {
      const high = (swatch.share / total) * height;
      context.fillStyle = swatch.css;
      context.fillRect(x, y, wide, Math.ceil(high));
      y += high;
    }
  });
  if (window.atMs === null) return;
  const x = Math.round(toX(window.atMs));
  context.fillStyle = 'rgb(18 24 28 / 0.62)';
  context.fillRect(x, 0, width - x, height);
  context.fillStyle = '#c7f25c';
  context.fillRect(x - ratio * 0.75, 0, ratio * 1.5, height);
}
