import {
  ChangeDetectionStrategy,
  Component,
  computed,
  inject,
  signal,
  type OnDestroy,
  type OnInit,
  ViewEncapsulation,
} from '@angular/core';
import type { BrandWire } from '../api/models';
import { PAGE_CLOCK } from '../core/page-clock';
import { SessionState } from '../core/session-state';
import { BrandCard } from '../features/brands/brand-card';
import { BrandDialog } from '../features/brands/brand-dialog';
import { BrandsState } from '../features/brands/brands-state';
import { CandidateDialog, type Candidate } from '../features/brands/candidate-dialog';
import type { BrandsTexts } from '../features/brands/i18n/en';
import type { AppTexts } from '../i18n/en';
import { Texts } from '../i18n/texts';
import { EmptyState } from '../shared/ui/empty-state';
import { Icon } from '../shared/ui/icon';
import { PageHead } from '../shared/ui/page-head';
import { ProblemText } from '../shared/ui/problem-text';

/** As often it is asked when brands were last seen. */
const SIGHTINGS_EVERY_MS = 30_000;
/** From so many on there is a field to find one. */
const MANY = 8;

/** The brands that are looked for in every stream. */
@Component({
  selector: 'vd-brands-page',
  changeDetection: ChangeDetectionStrategy.OnPush,
  encapsulation: ViewEncapsulation.None,
  styleUrl: '../features/brands/brands.css',
  imports: [BrandCard, BrandDialog, CandidateDialog, EmptyState, Icon, PageHead, ProblemText],
  templateUrl: './brands-page.html',
})
export class BrandsPage implements OnInit, OnDestroy {
  protected readonly t = inject(Texts).of<BrandsTexts>('brands');
  protected readonly app = inject(Texts).of<AppTexts>('app');
  protected readonly state = inject(BrandsState);
  protected readonly session = inject(SessionState);
  private readonly clock = inject(PAGE_CLOCK);
  protected readonly dialogFor = signal<BrandWire | 'new' | null>(null);
  protected readonly candidate = signal<Candidate | null>(null);
  protected readonly filter = signal('');
  protected readonly hasMany = computed(() => this.state.list().length > MANY);
  protected readonly shown = computed(() => {
    const wanted = this.filter().trim().toLowerCase();
    return this.state.list().filter(({ name }) => name.toLowerCase().includes(wanted));
  });
  private stopTimer: (() => void) | undefined;

  ngOnInit(): void {
    void this.state.load();
    void this.state.loadSightings();
    this.stopTimer = this.clock.every(SIGHTINGS_EVERY_MS, () => void this.state.loadSightings());
  }

  ngOnDestroy(): void {
    this.stopTimer?.();
  }

  protected valueOf(event: Event): string {
    return (event.target as HTMLInputElement).value;
  }
}
