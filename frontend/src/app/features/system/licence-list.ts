import { ChangeDetectionStrategy, Component, computed, inject, signal, type OnInit } from '@angular/core';
import { ApiClient } from '../../api/api-client';
import type { LicenceWire } from '../../api/models';
import { Polling } from '../../core/polling';
import type { AppTexts } from '../../i18n/en';
import { Texts } from '../../i18n/texts';
import { ProblemText } from '../../shared/ui/problem-text';
import type { SystemTexts } from './i18n/en';

/** What this installation is made of. */
@Component({
  selector: 'vd-licence-list',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [ProblemText],
  template: `<p class="quiet">{{ t('licences.text') }}</p>
    @if (asked.problem(); as problem) {
      <vd-problem-text [problem]="problem" />
      <button type="button" class="button" (click)="asked.load()">{{ app('state.again') }}</button>
    }
    @if (asked.value(); as all) {
      @if (all.length === 0) {
        <p class="quiet">{{ t('licences.none') }}</p>
      } @else {
        <input
          class="input licences__search"
          type="search"
          [placeholder]="t('licences.search')"
          [attr.aria-label]="t('licences.search')"
          (input)="search.set(valueOf($event))"
        />
        <p class="quiet" role="status">{{ t.count('licences.count', shown().length) }}</p>
        <div class="table-scroll" tabindex="0" role="region" [attr.aria-label]="t('licences.title')">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">{{ t('licences.name') }}</th>
                <th scope="col">{{ t('licences.version') }}</th>
                <th scope="col">{{ t('licences.licence') }}</th>
              </tr>
            </thead>
            <tbody>
              @for (one of shown(); track one.name + one.version) {
                <tr>
                  <th scope="row" class="mono">{{ one.name }}</th>
                  <td class="mono">{{ one.version ?? t('licences.built') }}</td>
                  <td>{{ one.licence }}</td>
                </tr>
              }
            </tbody>
          </table>
        </div>
      }
    } @else if (asked.problem() === null) {
      <div class="loading" role="status"><span class="spinner" aria-hidden="true"></span>{{ app('state.loading') }}</div>
    }`,
  host: { class: 'licences' },
})
export class LicenceList implements OnInit {
  protected readonly t = inject(Texts).of<SystemTexts>('system');
  protected readonly app = inject(Texts).of<AppTexts>('app');
  private readonly api = inject(ApiClient);
  protected readonly asked = new Polling<LicenceWire[]>(
    () => this.api.licences(),
    () => Date.now(),
  );
  protected readonly search = signal('');
  protected readonly shown = computed(() => {
    const wanted = this.search().trim().toLowerCase();
    return (this.asked.value() ?? []).filter(({ name, licence }) => `${name} ${licence}`.toLowerCase().includes(wanted));
  });

  ngOnInit(): void {
    void this.asked.load();
  }

  protected valueOf(event: Event): string {
    return (event.target as HTMLInputElement).value;
  }
}
