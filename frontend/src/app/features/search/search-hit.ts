import { ChangeDetectionStrategy, Component, computed, inject, input, linkedSignal } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { SearchHitWire } from '../../api/models';
import { Dashboard } from '../../core/dashboard';
import { outlineIn } from '../../core/evidence-view';
import { frameUrl } from '../../core/frame-url';
import { humanName } from '../../core/format';
import { ServerAddress } from '../../core/server-address';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';
import { BoxOutline } from '../../shared/ui/box-outline';
import { Icon, type IconName } from '../../shared/ui/icon';
import type { SearchTexts } from './i18n/en';
import { markedIn, type SearchKind } from './search-state';

const ICONS: Readonly<Record<SearchKind, IconName>> = { brand: 'brand', event: 'event', text: 'readout', label: 'label' };
const FRAME_WIDTH_PX = 320;

/** One result: its picture, what of it has the words, and the way to its moment. */
@Component({
  selector: 'vd-search-hit',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [BoxOutline, Icon, RouterLink, ServerAddress],
  template: `@let it = hit();
    <a class="search-hit" [routerLink]="link()" [queryParams]="params()">
      <span class="search-hit__picture on-picture">
        @if (picture(); as url) {
          <span class="search-hit__frame" [style.aspect-ratio]="shape()">
            <img [src]="url | serverAddress" alt="" loading="lazy" decoding="async" (load)="onLoad($event)" (error)="failed.set(true)" />
            @if (outline(); as at) {
              <vd-box-outline [at]="at" />
            }
          </span>
        } @else {
          <vd-icon [name]="icon()" />
        }
      </span>
      <span class="search-hit__text">
        <span class="search-hit__title"
          >{{ marked()[0] }}<mark>{{ marked()[1] }}</mark
          >{{ marked()[2] }}</span
        >
        @if (it.moment; as moment) {
          <span class="search-hit__facts">{{ facts() }}</span>
          <span class="search-hit__facts">
            <time class="mono" [attr.datetime]="moment.at">{{ format.dateTime(at()) }}</time> · {{ format.ago(at(), nowMs()) }}
          </span>
        } @else {
          <span class="search-hit__facts">{{ t('notSeen') }}</span>
          <span class="search-hit__facts">{{ t('library') }}</span>
        }
      </span>
    </a>`,
})
export class SearchHit {
  readonly hit = input.required<SearchHitWire>();
  readonly kind = input.required<SearchKind>();
  /** What was looked for. */
  readonly text = input.required<string>();
  protected readonly t = inject(Texts).of<SearchTexts>('search');
  protected readonly format = inject(LocaleFormat);
  protected readonly nowMs = inject(Dashboard).nowMs;
  protected readonly icon = computed(() => ICONS[this.kind()]);
  /** What it is of, or else which event it is. */
  protected readonly title = computed(() => {
    const { title, name } = this.hit();
    return title === name ? humanName(name) : title;
  });
  protected readonly facts = computed(() => {
    const { moment, count, title, name } = this.hit();
    const kind = name === null || name === title || this.kind() === 'brand' ? [] : [humanName(name)];
    const seen = count === null ? [] : [this.t.count('seen', count)];
    return [...kind, moment?.streamTitle ?? '', ...seen].join(' · ');
  });
  protected readonly marked = computed(() => markedIn(this.title(), this.text()));
  protected readonly at = computed(() => Date.parse(this.hit().moment?.at ?? ''));
  protected readonly link = computed(() => {
    const { moment } = this.hit();
    return moment === null ? ['/logos'] : ['/streams', moment.streamName];
  });
  protected readonly params = computed(() => {
    const { moment } = this.hit();
    return moment === null ? null : { t: moment.at };
  });
  protected readonly failed = linkedSignal({ source: this.hit, computation: () => false });
  protected readonly picture = computed(() => {
    const { evidence, moment } = this.hit();
    if (this.failed() || moment === null) return null;
    return evidence?.url ?? frameUrl(moment.streamId, moment.epochId, moment.ptsUs, FRAME_WIDTH_PX);
  });
  /** Width by height. */
  protected readonly shape = linkedSignal({
    source: this.hit,
    computation: ({ evidence }) => (evidence === null ? 16 / 9 : evidence.widthPx / evidence.heightPx),
  });
  protected readonly outline = computed(() => {
    const { evidence } = this.hit();
    return evidence && outlineIn(evidence);
  });

  protected onLoad(event: Event): void {
    const { naturalWidth, naturalHeight } = event.target as HTMLImageElement;
    if (naturalWidth > 0 && naturalHeight > 0) this.shape.set(naturalWidth / naturalHeight);
  }
}
