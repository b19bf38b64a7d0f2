import { ChangeDetectionStrategy, Component, computed, effect, inject, input, linkedSignal, signal } from '@angular/core';
import { ApiClient } from '../../api/api-client';
import type { BrandTrialWire } from '../../api/models';
import { Dashboard } from '../../core/dashboard';
import { ServerAddress } from '../../core/server-address';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';
import { Icon } from '../../shared/ui/icon';
import { ProblemText } from '../../shared/ui/problem-text';
import type { BrandsTexts } from './i18n/en';
import { TrialState } from './trial-state';

/** Looks for an image in recorded media before it is kept, and shows what it found. */
@Component({
  selector: 'vd-brand-trial',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon, ProblemText, ServerAddress],
  templateUrl: './brand-trial.html',
  host: { class: 'trial' },
})
export class BrandTrial {
  readonly image = input.required<File>();

  protected readonly t = inject(Texts).of<BrandsTexts>('brands');
  protected readonly format = inject(LocaleFormat);
  protected readonly state = new TrialState(inject(ApiClient));
  protected readonly streams = inject(Dashboard).streams.list;
  protected readonly whens = ['last', 'moment'] as const;
  protected readonly when = signal<(typeof this.whens)[number]>('last');
  protected readonly moment = signal('');
  /** One that is live is likely meant. */
  protected readonly streamId = linkedSignal(() => (this.streams().find(({ state }) => state === 'live') ?? this.streams()[0])?.id ?? null);
  protected readonly momentMs = computed(() => (this.when() === 'last' ? null : Date.parse(this.moment())));

  constructor() {
    effect(() => {
      this.image();
      this.state.clear();
    });
  }

  /** Of media. */
  protected lookedAt({ fromPtsUs, toPtsUs }: BrandTrialWire): string {
    return this.format.duration((toPtsUs - fromPtsUs) / 1000);
  }
  protected valueOf(event: Event): string {
    return (event.target as HTMLInputElement).value;
  }
  protected setWhen(event: Event): void {
    this.when.set(this.valueOf(event) as 'last' | 'moment');
  }

  protected run(): void {
    const [streamId, momentMs] = [this.streamId(), this.momentMs()];
    if (streamId === null || this.state.isRunning() || Number.isNaN(momentMs)) return;
    void this.state.run(this.image(), streamId, momentMs);
  }
}
