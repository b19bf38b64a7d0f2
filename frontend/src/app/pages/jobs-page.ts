import { ChangeDetectionStrategy, Component, computed, inject, type OnDestroy, type OnInit, ViewEncapsulation } from '@angular/core';
import { Router } from '@angular/router';
import type { JobsTexts } from '../features/jobs/i18n/en';
import { JobList } from '../features/jobs/job-list';
import { backfillRow, clipRow, importRow } from '../features/jobs/job-rows';
import { JobsState } from '../features/jobs/jobs-state';
import { QueueCard } from '../features/jobs/queue-card';
import type { AppTexts } from '../i18n/en';
import { LocaleFormat } from '../i18n/locale-format';
import { Texts } from '../i18n/texts';
import { EmptyState } from '../shared/ui/empty-state';
import { PageHead } from '../shared/ui/page-head';
import { ProblemText } from '../shared/ui/problem-text';

/** What waits, what runs and what failed: queues, backfills, clips and imports. */
@Component({
  selector: 'vd-jobs-page',
  changeDetection: ChangeDetectionStrategy.OnPush,
  encapsulation: ViewEncapsulation.None,
  styleUrl: '../features/jobs/jobs.css',
  imports: [EmptyState, JobList, PageHead, ProblemText, QueueCard],
  templateUrl: './jobs-page.html',
})
export class JobsPage implements OnInit, OnDestroy {
  protected readonly state = inject(JobsState);
  protected readonly format = inject(LocaleFormat);
  private readonly texts = inject(Texts);
  private readonly router = inject(Router);
  protected readonly t = this.texts.of<JobsTexts>('jobs');
  protected readonly app = this.texts.of<AppTexts>('app');
  protected readonly backfills = computed(() => this.state.backfills.value()?.map(backfillRow) ?? null);
  protected readonly clips = computed(() => this.state.clips.value()?.map(clipRow) ?? null);
  protected readonly imports = computed(() => this.state.imports.value()?.map(importRow) ?? null);
  protected readonly minutes = computed(() => Math.round((this.state.queues.value()?.[0]?.windowMs ?? 300_000) / 60_000));

  ngOnInit(): void {
    this.state.start();
  }

  ngOnDestroy(): void {
    this.state.stop();
  }

  protected play({ streamName, at }: { readonly streamName: string; readonly at: string }): void {
    void this.router.navigate(['/streams', streamName], { queryParams: { t: at } });
  }
}
