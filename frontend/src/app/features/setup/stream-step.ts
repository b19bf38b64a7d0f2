import { ChangeDetectionStrategy, Component, inject, output, type OnInit } from '@angular/core';
import { Texts } from '../../i18n/texts';
import { Icon, type IconName } from '../../shared/ui/icon';
import { ProblemText } from '../../shared/ui/problem-text';
import { FirstStreamState, type Way } from './first-stream-state';
import type { SetupTexts } from './i18n/en';

const ICONS: Readonly<Record<Way, IconName>> = { encoder: 'share', camera: 'person', file: 'image', test: 'play', other: 'plugin' };

/** Where the first stream comes from. */
@Component({
  selector: 'vd-stream-step',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon, ProblemText],
  templateUrl: './stream-step.html',
})
export class StreamStep implements OnInit {
  readonly made = output<void>();
  /** A source by the form of its config. */
  readonly otherWanted = output<void>();
  readonly skipped = output<void>();
  protected readonly state = inject(FirstStreamState);
  protected readonly t = inject(Texts).of<SetupTexts>('setup');
  protected readonly icons = ICONS;

  ngOnInit(): void {
    if (this.state.sources().length === 0) void this.state.load();
  }

  protected pick(event: Event): void {
    this.state.pick((event.target as HTMLInputElement).files?.[0] ?? null);
  }

  protected async make(event: Event): Promise<void> {
    event.preventDefault();
    if (this.state.way() === 'other') this.otherWanted.emit();
    else if (await this.state.make()) this.made.emit();
  }
}
