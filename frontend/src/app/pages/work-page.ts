import { ChangeDetectionStrategy, Component, computed, inject, type OnDestroy, type OnInit } from '@angular/core';
import { Dashboard } from '../core/dashboard';
import { clockTime } from '../core/format';
import { PlacementState } from '../core/placement-state';
import { TopBar } from '../features/status/top-bar';
import { CapacityPanel } from '../features/placement/capacity-panel';
import { MachineList } from '../features/placement/machine-list';
import { PlacementList } from '../features/placement/placement-list';
import { ShadowList } from '../features/placement/shadow-list';
import { StrategyCard } from '../features/placement/strategy-card';
import { WorkerHostList } from '../features/placement/worker-host-list';
import { ProblemText } from '../shared/ui/problem-text';

/** Where work runs, whether it fits and what it costs. */
@Component({
  selector: 'vd-work-page',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [TopBar, CapacityPanel, StrategyCard, WorkerHostList, PlacementList, ShadowList, MachineList, ProblemText],
  templateUrl: './work-page.html',
})
export class WorkPage implements OnInit, OnDestroy {
  protected readonly placement = inject(PlacementState);
  private readonly dashboard = inject(Dashboard);
  protected readonly spends = computed(() =>
    (this.placement.strategies.value() ?? []).some(({ spent, budget }) => budget !== null || spent.thisMonth > 0),
  );
  protected readonly asOf = computed(() => {
    const atMs = this.placement.strategies.answeredAtMs();
    return atMs === null ? '' : clockTime(atMs);
  });

  ngOnInit(): void {
    this.dashboard.start();
    this.placement.start();
  }

  ngOnDestroy(): void {
    this.placement.stop();
    this.dashboard.stop();
  }
}
