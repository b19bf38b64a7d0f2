import { Injectable } from '@nestjs/common';
import { TrialPool } from '../../analysis/trial-pool.js';
import { readOwnPng } from '../../brands/png-pixels.js';
import { apiError } from '../../errors/api.errors.js';
import { brandError } from '../../errors/brand.errors.js';
import { TrialSegments, type TrialSegment } from '../../persistence/read/trial-segments.js';
import { CodedError, type AnalysisJob, type AnalysisOutcome, type JsonObject, type ReferenceImage } from '../../plugin-api/index.js';
import { PluginRegistry, type RegisteredAnalyzer } from '../../plugin-host/plugin-registry.js';
import type { ReadImage } from '../../references/reader/reader-protocol.js';
import { hintsOf } from '../../references/reference-hints.js';
import { BRAND_TRIAL, type BrandTrialWire, type TryQuery } from '../../wire/brands.wire.js';
import { FairSlots, type Asker } from '../http/fair-slots.js';

/** A person waits: what takes longer is given up. */
const PATIENCE_MS = 60_000;
const CANDIDATE = 'candidate';

/** Looks for an image in recorded media before it is kept. */
@Injectable()
export class BrandTrials {
  private readonly slots = new FairSlots({ atOnce: 1, perToken: 1, waitingPerToken: 1 }, (detail) =>
    apiError('VD_API_BUSY', `Trials of images: ${detail}`),
  );

  constructor(
    private readonly registry: PluginRegistry,
    private readonly segments: TrialSegments,
    private readonly pool: TrialPool,
  ) {}

  /** @throws VD_BRAND_TRY_NO_ANALYZER, VD_BRAND_TRY_FAILED, VD_FRAME_NOT_FOUND, VD_API_BUSY */
  async run(asker: Asker, image: ReadImage, { streamId, epochId, ptsUs, icon }: TryQuery): Promise<BrandTrialWire> {
    const analyzer = this.registry.analyzers.find(({ definition }) => definition.references === 'logo');
    if (analyzer === undefined) throw brandError('VD_BRAND_TRY_NO_ANALYZER', 'No enabled analyzer looks for brands.');
    const segments =
      epochId === undefined || ptsUs === undefined
        ? await this.segments.last(streamId, BRAND_TRIAL.mediaMs)
        : await this.segments.at(streamId, epochId, ptsUs);
    const [first, last] = [segments[0]?.segment, segments.at(-1)?.segment];
    if (first === undefined || last === undefined)
      throw brandError('VD_FRAME_NOT_FOUND', 'The stream has no media at that time to try it on.');
    const jobs = segments.map((segment, at) => jobOf(analyzer, segment, at));
    const signal = AbortSignal.any([asker.signal, AbortSignal.timeout(PATIENCE_MS)]);
    const outcomes = await this.slots.run(asker, () =>
      this.pool.run(jobs, { kind: 'logo', images: [referenceOf(image)] }, signal).catch((error: unknown) => {
        if (!(error instanceof CodedError)) throw error;
        throw brandError('VD_BRAND_TRY_FAILED', `${error.code}: ${error.message}`, { cause: error });
      }),
    );
    const { mediaType, widthPx, heightPx, hasAlpha, backgroundRemoved } = image;
    const looks = { widthPx, heightPx, hasAlpha, backgroundRemoved };
    return {
      image: { mediaType, ...looks, hints: hintsOf({ source: icon === undefined ? 'upload' : 'icon', ...looks }) },
      analyzerId: analyzer.definition.id,
      epochId: first.epochId,
      fromPtsUs: first.ptsStartUs,
      toPtsUs: last.ptsEndUs,
      ...foundBy(outcomes),
    };
  }
}

/** As a worker would do it, though nothing of it is stored: without its gate, which says when to look and not what is there. */
function jobOf(
  { definition, config, configHash, placement }: RegisteredAnalyzer,
  { stream, segment }: TrialSegment,
  at: number,
): AnalysisJob {
  const { id, version, solves, queue } = definition;
  const task = { runId: String(at + 1), attempt: 1, analyzerId: id, analyzerVersion: version, solves, configHash, config };
  return {
    jobId: `trial-${stream.streamId}-${segment.sequence}`,
    queue,
    stream,
    segment,
    tasks: [{ ...task, writtenConfig: placement.config as JsonObject }],
  };
}

function referenceOf({ png, hasAlpha }: ReadImage): ReferenceImage {
  return { id: CANDIDATE, subjectId: CANDIDATE, label: CANDIDATE, variant: CANDIDATE, hasAlpha, ...readOwnPng(Buffer.from(png)) };
}

function foundBy(outcomes: readonly AnalysisOutcome[]): Pick<BrandTrialWire, 'framesSeen' | 'found'> {
  const found: BrandTrialWire['found'] = [];
  let framesSeen = 0;
  for (const outcome of outcomes.flatMap(({ tasks }) => tasks)) {
    if (outcome.status === 'failed') throw brandError('VD_BRAND_TRY_FAILED', `${outcome.code}: ${outcome.message}`);
    if (outcome.status === 'skipped') throw brandError('VD_BRAND_TRY_FAILED', `The analyzer left the media out: ${outcome.reason}`);
    framesSeen += outcome.framesSeen;
    for (const result of outcome.results) {
      if (result.type !== 'detection') continue;
      const { x, y, width, height } = result.box;
      found.push({ ptsUs: result.ptsUs, score: result.score, box: { x, y, width, height } });
    }
  }
  return { framesSeen, found: found.sort((a, b) => a.ptsUs - b.ptsUs).slice(0, BRAND_TRIAL.found) };
}
