import type { TimelineQueryWire, TimelineWire } from '../../api/models';
import type { StreamView } from '../../core/stream-view';

const PIECE_MS = 120_000;
/** Finer where the past is looked at; a first view takes little. */
const STEPS = { live: '10s', past: '2s' } as const;

export interface SeriesSource {
  timeline(streamId: string, query: TimelineQueryWire): Promise<TimelineWire>;
}

/** The course of measures before a page was opened, as means: fetched for those that are shown, by the piece. */
export class MetricHistory {
  private readonly asked = new Set<string>();

  constructor(
    private readonly view: StreamView,
    private readonly source: SeriesSource,
    private readonly nowMs: () => number,
  ) {}

  /** Fetches what is lacking of a window. What the feed tells of live is left out. */
  async fill(names: readonly string[], fromMs: number, toMs: number): Promise<void> {
    const endMs = Math.min(this.view.fedSinceMs, this.nowMs());
    for (let piece = Math.floor(fromMs / PIECE_MS); piece * PIECE_MS < Math.min(toMs, endMs); piece++) {
      const wanted = names.filter((name) => !this.asked.has(`${piece}/${name}`));
      if (wanted.length === 0) continue;
      for (const name of wanted) this.asked.add(`${piece}/${name}`);
      await this.fetch(wanted, piece * PIECE_MS, Math.min((piece + 1) * PIECE_MS, endMs)).catch(() => {
        for (const name of wanted) this.asked.delete(`${piece}/${name}`);
      });
    }
  }

  private async fetch(names: readonly string[], fromMs: number, toMs: number): Promise<void> {
    const step = this.view.fedSinceMs === Infinity ? STEPS.past : STEPS.live;
    const answer = await this.source.timeline(this.view.streamId, {
      ...{ from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() },
      ...{ step, parts: 'series', name: names.join(',') },
    });
    const startMs = Date.parse(answer.from);
    for (const { kind, analyzerId, name, buckets } of answer.series ?? []) {
      if (kind !== 'metrics') continue;
      const points = buckets.map(({ index, mean }) => ({ atMs: startMs + (index + 0.5) * answer.bucketMs, value: mean }));
      this.view.addCourse(analyzerId, name, points);
    }
  }
}
