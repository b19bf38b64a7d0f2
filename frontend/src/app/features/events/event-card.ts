import { ChangeDetectionStrategy, Component, computed, inject, input, output } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { EventGroupWire } from '../../api/models';
import { Icon } from '../../shared/ui/icon';
import { EventPicture } from './event-picture';
import { iconOf } from './event-text';
import { EventWords } from './event-words';
import { isReviewed } from './events-state';

/** An event in the list, with those that repeat it. */
@Component({
  selector: 'vd-event-card',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [EventPicture, Icon, RouterLink],
  templateUrl: './event-card.html',
})
export class EventCard {
  readonly group = input.required<EventGroupWire>();
  readonly isPicked = input(false);
  readonly picked = output<boolean>();
  readonly looked = output<void>();
  readonly reviewed = output<boolean>();
  protected readonly words = inject(EventWords);
  protected readonly t = this.words.t;
  protected readonly event = computed(() => this.group().event);
  protected readonly title = computed(() => this.words.title(this.event()));
  protected readonly icon = computed(() => iconOf(this.event().name));
  protected readonly isReviewed = computed(() => isReviewed(this.group()));
  protected readonly facts = computed(() => {
    const { subject, name, streamTitle } = this.event();
    return subject === null ? streamTitle : `${this.words.kind(name)} · ${streamTitle}`;
  });
  protected readonly lasted = computed(() => this.words.lasted(this.event()));

  protected onPick(event: Event): void {
    this.picked.emit((event.target as HTMLInputElement).checked);
  }
}
