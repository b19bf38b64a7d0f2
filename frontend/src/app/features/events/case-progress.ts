import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { ServerAddress } from '../../core/server-address';
import { Icon } from '../../shared/ui/icon';
import { Meter } from '../../shared/ui/meter';
import { CaseState } from './case-state';
import { EventWords } from './event-words';

/** How far the archive of clips is that was asked for, and the archive once it is there. */
@Component({
  selector: 'vd-case-progress',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon, Meter, ServerAddress],
  template: `@if (cases.made(); as made) {
    <section class="case-progress callout" [class.callout--warn]="hasFailed()">
      <p role="status">
        @if (made.state === 'done') {
          {{ t('case.done', { title: made.title }) }}
        } @else if (hasFailed()) {
          {{ t('case.failed', { title: made.title }) }}
        } @else {
          {{ t('case.progress', { title: made.title, done: done(), count: made.clips.length }) }}
        }
        @if (made.detail; as detail) {
          <br />{{ detail }}
        }
      </p>
      @if (isUnderWay()) {
        <vd-meter [label]="made.title" [text]="words.as.percent(made.progress)" [share]="made.progress" />
      }
      @if (made.state === 'done') {
        <a class="button button--primary" [href]="'/api/cases/' + made.id + '/case.zip' | serverAddress" download>
          <vd-icon name="download" />{{ t('case.download') }}
        </a>
      }
      <button type="button" class="tool" (click)="cases.forget()" [attr.aria-label]="t('case.dismiss')" [title]="t('case.dismiss')">
        <vd-icon name="close" />
      </button>
    </section>
  }`,
})
export class CaseProgress {
  protected readonly cases = inject(CaseState);
  protected readonly words = inject(EventWords);
  protected readonly t = this.words.t;
  protected readonly hasFailed = computed(() => ['failed', 'cancelled'].includes(this.cases.made()?.state ?? ''));
  protected readonly isUnderWay = computed(() => ['queued', 'running', 'paused'].includes(this.cases.made()?.state ?? ''));
  protected readonly done = computed(() => this.cases.made()?.clips.filter(({ state }) => state === 'done').length ?? 0);
}
