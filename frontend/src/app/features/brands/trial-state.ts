import { computed, signal } from '@angular/core';
import type { ApiClient } from '../../api/api-client';
import { ApiError, problemFrom } from '../../api/problem';
import type { BoxWire, BrandTrialWire, ProblemWire } from '../../api/models';
import { frameUrl } from '../../core/frame-url';

/** A moment is looked for among segments that began at most so long before it. */
const SEGMENT_AT_MOST_MS = 60_000;
const FRAME_WIDTH_PX = 720;

/** A picture on which the image was found, or the one that was looked at. */
export interface TrialFrame {
  readonly ptsUs: number;
  /** Path from the server's root. */
  readonly url: string;
  readonly boxes: readonly { readonly box: BoxWire; readonly score: number }[];
}

/** One image, tried on recorded media before it is kept. */
export class TrialState {
  readonly isRunning = signal(false);
  readonly result = signal<BrandTrialWire | null>(null);
  readonly problem = signal<ProblemWire | null>(null);
  readonly frames = computed(() => this.framesOf(this.result()));
  readonly bestScore = computed(() => Math.max(0, ...(this.result()?.found.map(({ score }) => score) ?? [])));
  private readonly at = signal(0);
  readonly frame = computed(() => this.frames()[this.at()] ?? null);
  readonly position = this.at.asReadonly();
  private streamId = '';
  private runs = 0;

  constructor(private readonly api: ApiClient) {}

  /** @param momentMs wall clock; null: the last ten seconds */
  async run(image: Blob, streamId: string, momentMs: number | null): Promise<void> {
    const run = ++this.runs;
    this.isRunning.set(true);
    this.problem.set(null);
    try {
      const moment = momentMs === null ? {} : await this.momentAt(streamId, momentMs);
      const result = await this.api.tryReference(image, { streamId, ...moment });
      if (run !== this.runs) return;
      this.streamId = streamId;
      this.result.set(result);
      // The one on which it is surest, of which people want to know whether it is right.
      this.at.set(
        Math.max(
          0,
          this.frames().findIndex(({ boxes }) => boxes.some(({ score }) => score === this.bestScore())),
        ),
      );
    } catch (error) {
      if (run !== this.runs) return;
      this.result.set(null);
      this.problem.set(problemFrom(error));
    } finally {
      if (run === this.runs) this.isRunning.set(false);
    }
  }

  step(by: number): void {
    this.at.update((at) => Math.min(this.frames().length - 1, Math.max(0, at + by)));
  }

  /** Of another image nothing is known. */
  clear(): void {
    this.runs++;
    this.isRunning.set(false);
    this.result.set(null);
    this.problem.set(null);
    this.at.set(0);
  }

  private async momentAt(streamId: string, momentMs: number): Promise<{ epochId: string; ptsUs: string }> {
    const { items } = await this.api.page(streamId, 'segments', {
      from: new Date(momentMs - SEGMENT_AT_MOST_MS).toISOString(),
      to: new Date(momentMs + 1).toISOString(),
      order: 'desc',
      limit: 1,
    } as never);
    const segment = items[0];
    const ptsUs = segment === undefined ? 0 : segment.ptsStartUs + Math.round((momentMs - Date.parse(segment.at)) * 1000);
    if (segment === undefined || ptsUs >= segment.ptsEndUs) throw new ApiError(NOTHING_THERE);
    return { epochId: segment.epochId, ptsUs: String(ptsUs) };
  }

  private framesOf(result: BrandTrialWire | null): TrialFrame[] {
    if (result === null) return [];
    const byPts = new Map<number, { box: BoxWire; score: number }[]>();
    for (const { ptsUs, box, score } of result.found) byPts.set(ptsUs, [...(byPts.get(ptsUs) ?? []), { box, score }]);
    if (byPts.size === 0) byPts.set(Math.round((result.fromPtsUs + result.toPtsUs) / 2), []);
    return [...byPts].map(([ptsUs, boxes]) => ({
      ptsUs,
      boxes,
      url: frameUrl(this.streamId, result.epochId, ptsUs, FRAME_WIDTH_PX),
    }));
  }
}

const NOTHING_THERE: ProblemWire = {
  type: 'about:blank',
  title: 'There is no picture at this time',
  detail: 'The stream has no media at that time.',
  code: 'VD_FRAME_NOT_FOUND',
  status: 404,
  fix: 'Choose a time at which the stream was live.',
};
