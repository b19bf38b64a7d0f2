import { ChangeDetectionStrategy, Component, computed, inject, signal, type OnInit } from '@angular/core';
import type { BrandWire } from '../api/models';
import { BrandsState } from '../features/brands/brands-state';
import { SessionState } from '../core/session-state';
import { BrandCard } from '../features/brands/brand-card';
import { BrandDialog } from '../features/brands/brand-dialog';
import { Icon } from '../shared/ui/icon';
import { ProblemText } from '../shared/ui/problem-text';

/** The brands that are looked for in every stream. */
@Component({
  selector: 'vd-brands-page',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [BrandCard, BrandDialog, Icon, ProblemText],
  templateUrl: './brands-page.html',
})
export class BrandsPage implements OnInit {
  protected readonly state = inject(BrandsState);
  protected readonly session = inject(SessionState);
  protected readonly dialogFor = signal<BrandWire | 'new' | null>(null);
  protected readonly filter = signal('');
  protected readonly shown = computed(() => {
    const wanted = this.filter().trim().toLowerCase();
    return this.state.list().filter(({ name }) => name.toLowerCase().includes(wanted));
  });

  ngOnInit(): void {
    void this.state.load();
  }

  protected valueOf(event: Event): string {
    return (event.target as HTMLInputElement).value;
  }
}
