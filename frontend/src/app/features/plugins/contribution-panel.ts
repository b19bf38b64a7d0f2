import { ChangeDetectionStrategy, Component, computed, inject, input, signal } from '@angular/core';
import type { ContributionWire, PluginDetailWire } from '../../api/models';
import { LocaleFormat } from '../../i18n/locale-format';
import { type Key, Texts } from '../../i18n/texts';
import { ProblemText } from '../../shared/ui/problem-text';
import type { PluginsTexts } from './i18n/en';
import type { Keys } from './json-values';
import { OptionForm } from './option-form';
import { PluginEditor } from './plugin-editor';
import { contributionKey, isLocked } from './settings-draft';
import { StreamChoice } from './stream-choice';
import { Trial } from './trial';
import { TrialReport } from './trial-report';

/** What of a plugin is set for one analyzer, source or strategy that it brings. */
@Component({
  selector: 'vd-contribution-panel',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [OptionForm, ProblemText, StreamChoice, TrialReport],
  templateUrl: './contribution-panel.html',
})
export class ContributionPanel {
  readonly plugin = input.required<PluginDetailWire>();
  readonly contribution = input.required<ContributionWire>();
  protected readonly editor = inject(PluginEditor);
  protected readonly trial = inject(Trial);
  protected readonly format = inject(LocaleFormat);
  protected readonly t = inject(Texts).of<PluginsTexts>('plugins');
  private readonly chosenStream = signal<string | null>(null);

  protected readonly draft = computed(() => this.editor.draft()?.contributions[contributionKey(this.contribution())] ?? null);
  protected readonly hasOptions = computed(
    () => Object.keys((this.contribution().schema['properties'] as object | undefined) ?? {}).length > 0,
  );
  /** Options of this one that would change, whole. */
  protected readonly changed = computed((): Keys => {
    const { id, kind } = this.contribution();
    const keys = this.editor
      .pending()
      .filter(
        ({ contribution, path }) => contribution?.id === id && contribution.kind === kind && path[0] !== 'enabled' && path[0] !== 'streams',
      )
      .map(({ path }) => path[0]!);
    return Object.fromEntries([...new Set(keys)].map((key) => [key, this.draft()?.options[key]]));
  });
  /** What is tried has to run: the server analyses with what it has loaded. */
  protected readonly canTry = computed(
    () => this.contribution().kind === 'analyzer' && this.plugin().state === 'loaded' && this.contribution().enabled?.value === true,
  );
  protected readonly stream = computed(() => this.chosenStream() ?? this.editor.streams()[0]?.name ?? null);
  protected readonly streamNames = computed(() => this.editor.streams().map(({ name }) => name));

  /** Why it cannot be tried now; null: it can, or is being tried. */
  protected readonly reason = computed(() =>
    this.stream() === null ? this.t('trial.needsStream') : Object.keys(this.changed()).length === 0 ? this.t('trial.needsChange') : null,
  );
  protected readonly no = computed(() => this.reason() !== null || this.trial.running() !== null);

  protected lockedBy(source: string | undefined): string | null {
    return source !== undefined && isLocked(source) ? this.t('locked', { place: this.plugin().place ?? '' }) : null;
  }

  protected setOptions(options: Keys): void {
    this.editor.set(this.contribution(), { options });
  }

  protected choose(event: Event): void {
    this.chosenStream.set((event.target as HTMLSelectElement).value);
  }

  protected isChecked(event: Event): boolean {
    return (event.target as HTMLInputElement).checked;
  }

  protected try(): void {
    const stream = this.editor.streams().find(({ name }) => name === this.stream());
    const { id, title } = this.contribution();
    if (stream !== undefined) void this.trial.start(id, stream.id, this.changed(), this.t('trial.title', { name: title }));
  }

  /** A text whose key is made of what the server says. */
  protected word(key: string): string {
    return this.t(key as Key<PluginsTexts>);
  }
}
