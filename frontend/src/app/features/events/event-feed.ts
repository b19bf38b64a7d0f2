import { CdkVirtualScrollableWindow, CdkVirtualScrollViewport, ScrollingModule } from '@angular/cdk/scrolling';
import { afterNextRender, ChangeDetectionStrategy, Component, ElementRef, inject, Injector, output, viewChild } from '@angular/core';
import type { EventGroupWire } from '../../api/models';
import { EventCard } from './event-card';
import { EventWords } from './event-words';
import { EventsState, isReviewed, keyOf } from './events-state';

/** Height of a card, in rem: as `.event-card` in triage.css. */
const CARD_REM = 5.5;
/** So near the end of what is here, more is asked for. */
const AHEAD = 30;

/** The list of events. Only those near what is on show are in the page, however many there are; the page itself scrolls. */
@Component({
  selector: 'vd-event-feed',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [CdkVirtualScrollableWindow, EventCard, ScrollingModule],
  template: `<cdk-virtual-scroll-viewport
    scrollWindow
    role="feed"
    [attr.aria-label]="t('list.label')"
    [attr.aria-busy]="state.status() === 'loading'"
    [itemSize]="cardPx"
    [minBufferPx]="cardPx * 6"
    [maxBufferPx]="cardPx * 12"
    (scrolledIndexChange)="onScroll()"
  >
    <article
      *cdkVirtualFor="let group of state.items(); let i = index; trackBy: trackBy"
      class="event-card"
      [class.event-card--here]="keyOf(group) === state.currentKey()"
      [class.event-card--reviewed]="isReviewed(group)"
      [attr.data-event]="keyOf(group)"
      [attr.tabindex]="keyOf(group) === state.currentKey() ? 0 : -1"
      [attr.aria-labelledby]="'event-' + keyOf(group)"
      [attr.aria-posinset]="i + 1"
      [attr.aria-setsize]="state.hasMore() ? -1 : state.items().length"
      [attr.aria-current]="keyOf(group) === state.currentKey() || null"
      (pointerdown)="state.currentKey.set(keyOf(group))"
      (focusin)="state.currentKey.set(keyOf(group))"
    >
      <vd-event-card
        [group]="group"
        [isPicked]="state.pickedKeys().has(keyOf(group))"
        (picked)="state.pick(group, $event)"
        (looked)="looked.emit(group)"
        (reviewed)="state.review([group], $event)"
      />
    </article>
  </cdk-virtual-scroll-viewport>`,
})
export class EventFeed {
  readonly looked = output<EventGroupWire>();
  protected readonly state = inject(EventsState);
  protected readonly t = inject(EventWords).t;
  protected readonly keyOf = keyOf;
  protected readonly isReviewed = isReviewed;
  protected readonly cardPx = CARD_REM * parseFloat(getComputedStyle(document.documentElement).fontSize);
  protected readonly trackBy = (_: number, group: EventGroupWire): string => keyOf(group);
  private readonly viewport = viewChild.required(CdkVirtualScrollViewport);
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef);
  private readonly injector = inject(Injector);

  /** Brings the one where one stands into sight, and gives it the focus. */
  focusCurrent(): void {
    const find = (): HTMLElement | null => this.host.nativeElement.querySelector(`[data-event="${this.state.currentKey()}"]`);
    const focus = (card: HTMLElement): void => {
      card.focus({ preventScroll: true });
      card.scrollIntoView({ block: 'nearest' });
    };
    afterNextRender(
      () => {
        const card = find();
        if (card !== null) return focus(card);
        this.viewport().scrollToIndex(this.state.currentIndex());
        // It is in the page once the list has heard that it was scrolled.
        setTimeout(() => {
          const late = find();
          if (late !== null) focus(late);
        }, 100);
      },
      { injector: this.injector },
    );
  }

  protected onScroll(): void {
    if (this.viewport().getRenderedRange().end > this.state.items().length - AHEAD) void this.state.loadMore();
  }
}
