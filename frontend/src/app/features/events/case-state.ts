import { signal } from '@angular/core';
import type { ApiClient } from '../../api/api-client';
import type { Body } from '../../api/body';
import type { CaseWire, EventGroupWire, ProblemWire } from '../../api/models';
import { problemFrom } from '../../api/problem';

type CaseItem = Body<'createCase'>['items'][number];

/** More clips no case has. */
export const MOST_CLIPS = 100;
/** What is before and after an event is of it. */
const MARGIN_MS = 5_000;

/** A clip of each: from a little before the oldest of the group to a little after the newest, as far as that is analysed and over. */
export function clipsOf(groups: readonly EventGroupWire[], nowMs: number): CaseItem[] {
  return groups.map(({ event, firstStartAt }) => {
    const endMs = Date.parse(event.endAt ?? event.analysedUpTo ?? event.startAt) + MARGIN_MS;
    return {
      streamId: event.streamId,
      from: new Date(Date.parse(firstStartAt) - MARGIN_MS).toISOString(),
      to: new Date(Math.min(endMs, nowMs)).toISOString(),
      mode: 'copy',
      title: (event.subject ?? event.name).slice(0, 200),
    };
  });
}

/** Clips of events that were chosen, made into one archive. */
export class CaseState {
  /** The one that was asked for last. */
  readonly made = signal<CaseWire | null>(null);
  readonly problem = signal<ProblemWire | null>(null);
  readonly isBusy = signal(false);

  constructor(
    private readonly api: Pick<ApiClient, 'createCase' | 'case'>,
    private readonly now: () => number,
  ) {}

  /** @returns whether it was begun */
  async begin(title: string, groups: readonly EventGroupWire[]): Promise<boolean> {
    if (this.isBusy()) return false;
    this.isBusy.set(true);
    this.problem.set(null);
    try {
      this.made.set(await this.api.createCase({ title, items: clipsOf(groups, this.now()) }));
      return true;
    } catch (error) {
      this.problem.set(problemFrom(error));
      return false;
    } finally {
      this.isBusy.set(false);
    }
  }

  /** Looks how far it is, while it is under way. */
  async look(): Promise<void> {
    const made = this.made();
    if (made === null || (made.state !== 'queued' && made.state !== 'running')) return;
    try {
      const now = await this.api.case(made.id);
      if (this.made()?.id === made.id) this.made.set(now);
    } catch (error) {
      this.problem.set(problemFrom(error));
    }
  }

  forget(): void {
    this.made.set(null);
    this.problem.set(null);
  }
}
