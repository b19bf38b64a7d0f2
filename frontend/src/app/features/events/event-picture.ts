import { ChangeDetectionStrategy, Component, computed, inject, input, linkedSignal } from '@angular/core';
import type { BoxWire, ListedEventWire } from '../../api/models';
import { outlineIn } from '../../core/evidence-view';
import { frameUrl } from '../../core/frame-url';
import { ServerAddress } from '../../core/server-address';
import { BoxOutline } from '../../shared/ui/box-outline';
import { Icon } from '../../shared/ui/icon';
import { iconOf } from './event-text';
import { EventWords } from './event-words';

/** Widths of the frame that is asked for where no picture was kept, in pixels. */
const FRAME_WIDTHS = { small: 224, large: 960 } as const;
const WHOLE: BoxWire = { x: 0, y: 0, width: 1, height: 1 };

/** What is to be seen of an event, with its box: the picture that was kept of it, or the frame with which it began. */
@Component({
  selector: 'vd-event-picture',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [BoxOutline, Icon, ServerAddress],
  template: `@if (failed()) {
      <span class="event-picture__none"><vd-icon [name]="icon()" /></span>
    } @else {
      <span class="event-picture__frame" [class.event-picture__frame--tall]="isTall()" [style.aspect-ratio]="shape()">
        <img
          [src]="url() | serverAddress"
          [alt]="alt()"
          loading="lazy"
          decoding="async"
          (load)="onLoad($event)"
          (error)="failed.set(true)"
        />
        @if (outline(); as at) {
          <vd-box-outline [at]="at" />
        }
      </span>
    }`,
  host: { class: 'event-picture on-picture', '[class.event-picture--large]': "size() === 'large'" },
})
export class EventPicture {
  readonly event = input.required<ListedEventWire>();
  readonly size = input<keyof typeof FRAME_WIDTHS>('small');
  private readonly words = inject(EventWords);

  protected readonly url = computed(() => {
    const { evidence, streamId, epochId, startPtsUs } = this.event();
    if (evidence !== null) return evidence.url;
    return frameUrl(streamId, epochId, startPtsUs, FRAME_WIDTHS[this.size()]);
  });
  protected readonly alt = computed(() => this.words.picture(this.event()));
  protected readonly icon = computed(() => iconOf(this.event().name));
  protected readonly failed = linkedSignal({ source: this.url, computation: () => false });
  /** Width by height. */
  protected readonly shape = linkedSignal({
    source: this.event,
    computation: ({ evidence }) => (evidence === null ? 16 / 9 : evidence.widthPx / evidence.heightPx),
  });
  protected readonly isTall = computed(() => this.shape() < 16 / 9);
  protected readonly outline = computed(() => {
    const { evidence, data } = this.event();
    if (evidence !== null) return outlineIn(evidence);
    const box = boxIn(data?.['box']);
    return box && outlineIn({ box, region: WHOLE });
  });

  protected onLoad(event: Event): void {
    const { naturalWidth, naturalHeight } = event.target as HTMLImageElement;
    if (naturalWidth > 0 && naturalHeight > 0) this.shape.set(naturalWidth / naturalHeight);
  }
}

/** What an analyzer writes into its data is its own affair: only a sane box is drawn. */
function boxIn(value: unknown): BoxWire | null {
  const { x, y, width, height } = (value ?? {}) as Partial<Record<keyof BoxWire, unknown>>;
  const isShare = (share: unknown): share is number => typeof share === 'number' && share >= 0 && share <= 1;
  return isShare(x) && isShare(y) && isShare(width) && isShare(height) ? { x, y, width, height } : null;
}
