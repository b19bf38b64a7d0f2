import { ChangeDetectionStrategy, Component, computed, effect, inject, input, output, signal, untracked } from '@angular/core';
import { problemFrom } from '../../api/problem';
import type { BrandIconWire, BrandWire, ProblemWire } from '../../api/models';
import { ServerAddress } from '../../core/server-address';
import { Texts } from '../../i18n/texts';
import { BrandTrial } from './brand-trial';
import type { BrandsTexts } from './i18n/en';
import { BrandsState, IMAGE_TYPES } from './brands-state';
import { Icon } from '../../shared/ui/icon';
import { Modal } from '../../shared/ui/modal';
import { ProblemText } from '../../shared/ui/problem-text';

/** A search waits until typing pauses. */
const PAUSE_MS = 250;

/** Makes a brand, from the icon library or from images of one's own; renames one. */
@Component({
  selector: 'vd-brand-dialog',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [BrandTrial, Icon, Modal, ProblemText, ServerAddress],
  templateUrl: './brand-dialog.html',
})
export class BrandDialog {
  readonly subject = input<BrandWire | 'new' | null>(null);
  readonly closed = output<void>();

  protected readonly t = inject(Texts).of<BrandsTexts>('brands');
  protected readonly state = inject(BrandsState);
  protected readonly imageTypes = IMAGE_TYPES;
  protected readonly brand = computed(() => {
    const subject = this.subject();
    return subject === 'new' ? null : subject;
  });
  protected readonly heading = computed(() => this.t(this.brand() === null ? 'dialog.make' : 'dialog.rename'));
  protected readonly query = signal('');
  protected readonly icons = signal<readonly BrandIconWire[] | null>(null);
  protected readonly name = signal('');
  protected readonly files = signal<readonly File[]>([]);
  protected readonly fileNames = computed(() =>
    this.files()
      .map(({ name }) => name)
      .join(', '),
  );
  protected readonly tried = signal(false);
  protected readonly busy = signal(false);
  protected readonly problem = signal<ProblemWire | null>(null);
  private searches = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    effect(() => {
      const subject = this.subject();
      untracked(() => {
        this.query.set('');
        this.icons.set(null);
        this.name.set(subject === null || subject === 'new' ? '' : subject.name);
        this.files.set([]);
        this.tried.set(false);
        this.problem.set(null);
      });
    });
  }

  protected valueOf(event: Event): string {
    return (event.target as HTMLInputElement).value;
  }

  protected search(text: string): void {
    this.query.set(text);
    clearTimeout(this.timer);
    const turn = ++this.searches;
    if (text.trim() === '') {
      this.icons.set(null);
      return;
    }
    this.timer = setTimeout(() => {
      void this.attempt(async () => {
        const icons = await this.state.icons(text.trim());
        if (turn === this.searches) this.icons.set(icons);
      });
    }, PAUSE_MS);
  }

  protected pick(icon: BrandIconWire): void {
    void this.finish(() => this.state.create({ icon: icon.slug }));
  }

  protected onFiles(event: Event): void {
    this.files.set([...((event.target as HTMLInputElement).files ?? [])]);
  }

  protected submit(event: Event): void {
    event.preventDefault();
    this.tried.set(true);
    const name = this.name().trim();
    if (name === '') return;
    const brand = this.brand();
    void this.finish(() => (brand === null ? this.state.create({ name }, this.files()) : this.state.rename(brand, name)));
  }

  private async finish(work: () => Promise<void>): Promise<void> {
    if (this.busy()) return;
    this.busy.set(true);
    if (await this.attempt(work)) this.closed.emit();
    this.busy.set(false);
  }

  private async attempt(work: () => Promise<void>): Promise<boolean> {
    this.problem.set(null);
    try {
      await work();
      return true;
    } catch (error) {
      this.problem.set(problemFrom(error));
      return false;
    }
  }
}
