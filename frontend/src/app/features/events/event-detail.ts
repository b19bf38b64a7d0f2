import { ChangeDetectionStrategy, Component, computed, inject, input, output } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { EventGroupWire } from '../../api/models';
import { Icon } from '../../shared/ui/icon';
import { EventPicture } from './event-picture';
import { EventWords } from './event-words';
import { isReviewed } from './events-state';

interface Fact {
  readonly name: string;
  readonly value: string;
}

/** One event, large: its picture, what is known of it, what to do with it. */
@Component({
  selector: 'vd-event-detail',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [EventPicture, Icon, RouterLink],
  template: `<vd-event-picture [event]="event()" size="large" />
    @if (hasHeading()) {
      <h2 class="event-detail__title">{{ title() }}</h2>
    }
    <dl class="evidence__facts">
      @for (fact of facts(); track fact.name) {
        <div>
          <dt>{{ fact.name }}</dt>
          <dd>{{ fact.value }}</dd>
        </div>
      }
    </dl>
    <div class="event-detail__do">
      <a class="button button--primary" [routerLink]="['/streams', event().streamName]" [queryParams]="{ t: event().startAt }">
        <vd-icon name="play" />{{ t('detail.open') }}
      </a>
      <button type="button" class="button" (click)="reviewed.emit(!isReviewed())">
        <vd-icon [name]="isReviewed() ? 'undo' : 'check'" />{{ t(isReviewed() ? 'card.unreview' : 'card.review') }}
      </button>
      @if (canNarrow()) {
        <button type="button" class="button" (click)="only.emit()">
          <vd-icon name="filter" />{{ t('detail.only', { name: title() }) }}
        </button>
      }
    </div>`,
  host: { class: 'event-detail' },
})
export class EventDetail {
  readonly group = input.required<EventGroupWire>();
  readonly hasHeading = input(true);
  readonly canNarrow = input(true);
  readonly reviewed = output<boolean>();
  readonly only = output<void>();
  protected readonly words = inject(EventWords);
  protected readonly t = this.words.t;
  protected readonly event = computed(() => this.group().event);
  protected readonly title = computed(() => this.words.title(this.event()));
  protected readonly isReviewed = computed(() => isReviewed(this.group()));
  protected readonly facts = computed<readonly Fact[]>(() => {
    const [group, event, { as, t }] = [this.group(), this.event(), this.words];
    const share = (name: string, value: unknown): Fact[] =>
      typeof value === 'number' ? [{ name, value: as.percent(value, value < 0.1 ? 1 : 0) }] : [];
    const lasted = this.words.lasted(event);
    return [
      { name: t('detail.began'), value: this.words.when(event) },
      ...(lasted === null ? [] : [{ name: t('detail.lasted'), value: lasted }]),
      ...(group.count > 1 ? [{ name: t('detail.repeats'), value: this.words.repeats(group) }] : []),
      { name: t('detail.stream'), value: event.streamTitle },
      { name: t('detail.by'), value: this.words.analyzer(event.analyzerId) },
      ...share(t('detail.score'), event.score),
      ...share(t('detail.clarity'), event.data?.['clarity']),
      ...share(t('detail.share'), event.data?.['meanShare']),
    ];
  });
}
