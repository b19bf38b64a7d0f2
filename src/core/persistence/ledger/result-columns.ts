import type {
  AnalysisResult,
  DetectionResult,
  EventResult,
  EvidencePicture,
  EvidenceResult,
  MetricResult,
  ObservationResult,
  PtsUs,
} from '../../plugin-api/index.js';

/** Results as the columns the settle statement unnests: one array per column, one transfer for any number of rows. */
export class ResultColumns {
  private readonly detections: Placed<DetectionResult>[] = [];
  private readonly metrics: Placed<MetricResult>[] = [];
  private readonly observations: Placed<ObservationResult>[] = [];
  private readonly events: EventRow[] = [];
  private readonly evidence: EvidenceRow[] = [];

  /**
   * Adds one run's results; a result's place in the list is its ordinal.
   * @returns the media times of those that go to a partitioned table
   */
  add(runId: string, results: readonly AnalysisResult[]): readonly PtsUs[] {
    const ptsOfRows: PtsUs[] = [];
    const occurrences = new Map<string, EventRow>();
    results.forEach((result, ordinal) => {
      if (result.type === 'event') {
        foldEvent(occurrences, runId, result);
        return;
      }
      if (result.type === 'evidence') {
        if (result.picture !== undefined) this.evidence.push(evidenceRow(runId, result, result.picture));
        return;
      }
      ptsOfRows.push(result.ptsUs);
      if (result.type === 'detection') this.detections.push({ runId, ordinal, result });
      else if (result.type === 'metric') this.metrics.push({ runId, ordinal, result });
      else this.observations.push({ runId, ordinal, result });
    });
    this.events.push(...occurrences.values());
    return ptsOfRows;
  }

  /** In the order of the settle statement's parameters: arrays, and as JSON the events and their evidence. */
  values(): (Column | string)[] {
    const d = this.detections;
    const m = this.metrics;
    const o = this.observations;
    const place = (rows: readonly Placed<AnalysisResult>[]): Column[] => [
      rows.map((row) => row.runId),
      rows.map((row) => row.ordinal),
      rows.map((row) => row.result.ptsUs),
    ];
    return [
      ...place(d),
      d.map(({ result }) => result.label),
      d.map(({ result }) => result.score),
      d.map(({ result }) => result.box.x),
      d.map(({ result }) => result.box.y),
      d.map(({ result }) => result.box.width),
      d.map(({ result }) => result.box.height),
      d.map(({ result }) => result.trackId ?? null),
      d.map(({ result }) => (result.attributes === undefined ? null : JSON.stringify(result.attributes))),
      ...place(m),
      m.map(({ result }) => result.name),
      m.map(({ result }) => result.unit),
      m.map(({ result }) => result.value),
      ...place(o),
      o.map(({ result }) => result.type),
      o.map(({ result }) => JSON.stringify(result.data)),
      JSON.stringify(this.events),
      JSON.stringify(this.evidence),
    ];
  }
}

type Column = (string | number | null)[];

interface Placed<T extends AnalysisResult> {
  readonly runId: string;
  readonly ordinal: number;
  readonly result: T;
}

interface EventRow {
  readonly run_id: string;
  readonly key: string;
  readonly name: string;
  readonly start_pts_us: PtsUs;
  end_pts_us: PtsUs | null;
  data: Record<string, unknown> | null;
}

type EvidenceRow = Readonly<Record<string, string | number>>;

function evidenceRow(runId: string, { key, ptsUs, rank, box }: EvidenceResult, { region, ...picture }: EvidencePicture): EvidenceRow {
  const { widthPx: width_px, heightPx: height_px, jpegBase64: jpeg } = picture;
  const shown = { region_x: region.x, region_y: region.y, region_width: region.width, region_height: region.height };
  return {
    run_id: runId,
    key,
    pts_us: ptsUs,
    rank,
    ...{ x: box.x, y: box.y, width: box.width, height: box.height },
    ...shown,
    width_px,
    height_px,
    jpeg,
  };
}

/**
 * One row per occurrence, whatever happened to it within the segment. An occurrence whose start was never seen (its segment
 * was skipped) starts where a result first names it. Data of later phases is laid over that of earlier ones.
 */
function foldEvent(occurrences: Map<string, EventRow>, runId: string, event: EventResult): void {
  let row = occurrences.get(event.key);
  if (row === undefined) {
    row = { run_id: runId, key: event.key, name: event.name, start_pts_us: event.ptsUs, end_pts_us: null, data: null };
    occurrences.set(event.key, row);
  }
  if (event.data !== undefined) row.data = { ...row.data, ...event.data };
  if (event.phase === 'end') row.end_pts_us ??= event.ptsUs;
}
