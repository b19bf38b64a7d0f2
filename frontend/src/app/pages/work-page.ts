import { ChangeDetectionStrategy, Component, computed, inject, type OnDestroy, type OnInit, ViewEncapsulation } from '@angular/core';
import { PlacementState } from '../features/placement/placement-state';
import { CapacityPanel } from '../features/placement/capacity-panel';
import { MachineList } from '../features/placement/machine-list';
import { PlacementList } from '../features/placement/placement-list';
import { ShadowList } from '../features/placement/shadow-list';
import { StrategyCard } from '../features/placement/strategy-card';
import { WorkerHostList } from '../features/placement/worker-host-list';
import type { WorkTexts } from '../features/placement/i18n/en';
import type { AppTexts } from '../i18n/en';
import { LocaleFormat } from '../i18n/locale-format';
import { Texts } from '../i18n/texts';
import { PageHead } from '../shared/ui/page-head';
import { ProblemText } from '../shared/ui/problem-text';

/** Where work runs, whether it fits and what it costs. */
@Component({
  selector: 'vd-work-page',
  changeDetection: ChangeDetectionStrategy.OnPush,
  encapsulation: ViewEncapsulation.None,
  styleUrl: '../features/placement/placement.css',
  imports: [PageHead, CapacityPanel, StrategyCard, WorkerHostList, PlacementList, ShadowList, MachineList, ProblemText],
  templateUrl: './work-page.html',
})
export class WorkPage implements OnInit, OnDestroy {
  protected readonly placement = inject(PlacementState);
  protected readonly t = inject(Texts).of<WorkTexts>('work');
  protected readonly app = inject(Texts).of<AppTexts>('app');
  private readonly as = inject(LocaleFormat);
  protected readonly spends = computed(() =>
    (this.placement.strategies.value() ?? []).some(({ spent, budget }) => budget !== null || spent.thisMonth > 0),
  );
  protected readonly asOf = computed(() => {
    const atMs = this.placement.strategies.answeredAtMs();
    return atMs === null ? '' : this.as.time(atMs);
  });

  ngOnInit(): void {
    this.placement.start();
  }

  ngOnDestroy(): void {
    this.placement.stop();
  }
}
