import { ChangeDetectionStrategy, Component, computed, inject, type OnDestroy, type OnInit } from '@angular/core';
import { clockTime } from '../core/format';
import { PlacementState } from '../features/placement/placement-state';
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
  imports: [CapacityPanel, StrategyCard, WorkerHostList, PlacementList, ShadowList, MachineList, ProblemText],
  templateUrl: './work-page.html',
})
export class WorkPage implements OnInit, OnDestroy {
  protected readonly placement = inject(PlacementState);
  protected readonly spends = computed(() =>
    (this.placement.strategies.value() ?? []).some(({ spent, budget }) => budget !== null || spent.thisMonth > 0),
  );
  protected readonly asOf = computed(() => {
    const atMs = this.placement.strategies.answeredAtMs();
    return atMs === null ? '' : clockTime(atMs);
  });

  ngOnInit(): void {
    this.placement.start();
  }

  ngOnDestroy(): void {
    this.placement.stop();
  }
}
