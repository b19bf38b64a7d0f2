import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { apiError } from '../../errors/api.errors.js';
import { brandsCsv, streamAppearancesCsv, streamBrandsCsv } from '../../exposure/exposure-csv.js';
import { FORMULA } from '../../exposure/formula.js';
import { HEAT_COLUMNS, HEAT_ROWS } from '../../exposure/heat-map.js';
import { mergeExposures, type MergedExposure } from '../../exposure/merge-exposures.js';
import { EvidenceReads } from '../../persistence/read/evidence-reads.js';
import type { StreamView } from '../../persistence/read/stream-reads.js';
import * as wire from '../../wire/exposure.wire.js';
import { principalOf } from '../auth/principal.js';
import { askerOf } from '../http/asker.js';
import { Operation } from '../openapi/operation.js';
import { AppearanceEvidence } from './appearance-evidence.js';
import { appearanceOnWire } from './appearance-on-wire.js';
import { Exposure, type MeasuredStreams } from './exposure.js';
import { exposureTotals } from './exposure-totals.js';
import { sendCsv } from '../http/send-csv.js';
import { StreamAccess } from './stream-access.js';

const PROBLEMS = { 404: 'No such stream or epoch', 503: 'Too many reports at once' };
const { EXPOSURE_LIMITS: MOST } = wire;

interface Measured {
  readonly views: readonly StreamView[];
  readonly measured: MeasuredStreams;
  readonly merged: MergedExposure;
}

/** What brands got out of several streams together. */
@Controller('api/exposure')
export class StreamsExposureController {
  constructor(
    private readonly access: StreamAccess,
    private readonly exposure: Exposure,
    private readonly evidence: EvidenceReads,
  ) {}

  @Get()
  @Operation({
    id: 'getStreamsExposure',
    tag: 'exposure',
    summary: 'Exposure by brand over several streams: shares, heat maps, time series, appearances, pictures',
    response: wire.streamsExposureWire,
    problems: PROBLEMS,
  })
  async overview(
    @Query({ schema: wire.streamsExposureQuery }) query: wire.StreamsExposureQuery,
    @Req() request: Request,
  ): Promise<wire.StreamsExposureWire> {
    const { views, measured, merged } = await this.measure(query, request);
    const { brands, appearances, series } = merged;
    const evidence = await this.evidenceOf(measured);
    const shown = brands.slice(0, MOST.brands);
    const told = new Set(shown.map(({ subjectId }) => subjectId));
    const pictured = appearances.map((one) => ({ streamId: one.streamId, ...appearanceOnWire(one, evidence) })).reverse();
    const bySubject = Map.groupBy(pictured, ({ subjectId }) => subjectId);
    return {
      from: new Date(measured.fromMs).toISOString(),
      to: new Date(measured.toMs).toISOString(),
      minScore: measured.minScore,
      analyzerIds: [...measured.analyzerIds],
      analysedSeconds: measured.streams.reduce((sum, { scope }) => sum + scope.analysedSeconds, 0),
      formulaVersion: FORMULA.version,
      streams: measured.streams.map(({ scope, groups: [group] }, at) => ({
        streamId: scope.streamId,
        name: views[at]!.wire.name,
        title: views[at]!.wire.title,
        analysedSeconds: scope.analysedSeconds,
        visibleSeconds: group?.brands.reduce((sum, { visibleSeconds }) => sum + visibleSeconds, 0) ?? 0,
        appearances: group?.appearances.length ?? 0,
      })),
      totals: exposureTotals(brands, appearances),
      brands: shown.map((brand) => ({
        ...brand,
        gridSeconds: [...brand.gridSeconds],
        heat: [...brand.heat],
        byStream: [...brand.byStream],
        evidence: bestOf(bySubject.get(brand.subjectId) ?? []),
      })),
      brandsLeftOut: brands.length - shown.length,
      heatGrid: { columns: HEAT_COLUMNS, rows: HEAT_ROWS },
      bucketMs: measured.bucketMs,
      series: series.map(({ startAtMs, seconds }) => ({
        startAt: new Date(startAtMs).toISOString(),
        seconds: Object.fromEntries(Object.entries(seconds).filter(([subjectId]) => told.has(subjectId))),
      })),
      appearances: pictured.slice(0, MOST.appearances).map(shortly),
      appearancesLeftOut: Math.max(0, appearances.length - MOST.appearances),
    };
  }

  @Get('export')
  @Operation({
    id: 'exportStreamsExposure',
    tag: 'exposure',
    summary: 'The same as CSV: a row per brand, per brand and stream, or per appearance',
    produces: ['text/csv'],
    problems: PROBLEMS,
  })
  async export(
    @Query({ schema: wire.streamsExposureExportQuery }) query: wire.StreamsExposureExportQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { of = 'brands', ...asked } = query;
    const { views, measured, merged } = await this.measure(asked, request);
    const nameOf = new Map(views.map(({ wire: { id, name } }) => [id, name]));
    const named = <T extends { readonly streamId: string }>(row: T) => ({ ...row, streamName: nameOf.get(row.streamId) ?? '' });
    const text = {
      brands: () => brandsCsv(merged.brands.map((brand) => ({ group: 'range', ...brand }))),
      streams: () =>
        streamBrandsCsv(
          measured.streams.flatMap(({ scope: { streamId }, groups: [group] }) =>
            (group?.brands ?? []).map((brand) => named({ streamId, ...brand })),
          ),
        ),
      appearances: () => streamAppearancesCsv(merged.appearances.map(named)),
    }[of]();
    sendCsv(response, `exposure-${of}-${new Date(measured.fromMs).toISOString().slice(0, 10)}`, text);
  }

  private async measure(query: wire.StreamsExposureQuery, request: Request): Promise<Measured> {
    const { streamId: ids, ...asked } = query;
    const principal = principalOf(request);
    const views =
      ids === undefined
        ? await this.access.list(principal)
        : await Promise.all([...new Set(ids)].map((id) => this.access.one(id, principal)));
    if (views.length > MOST.streams)
      throw apiError(
        'VD_API_RANGE_TOO_WIDE',
        `There are ${views.length} streams; at most ${MOST.streams} are added up at once: name some.`,
      );
    const measured = await this.exposure.measureAll(
      askerOf(request),
      views.map(({ wire: { id } }) => id),
      asked,
    );
    const merged = mergeExposures(
      measured.streams.flatMap(({ scope: { streamId }, groups: [report] }) => (report === undefined ? [] : [{ streamId, report }])),
    );
    return { views, measured, merged };
  }

  private async evidenceOf({ streams }: MeasuredStreams): Promise<AppearanceEvidence> {
    const kept = [];
    for (const { filter, groups } of streams) if (groups.length > 0) kept.push(...(await this.evidence.ofBrands(filter)));
    return new AppearanceEvidence(kept);
  }
}

type Pictured = wire.StreamsExposureWire['appearances'][number];

/** One picture per appearance, the best first. */
function bestOf(appearances: readonly Pictured[]): wire.StreamsExposureWire['brands'][number]['evidence'] {
  return appearances
    .flatMap(({ streamId, epochId, startAt, evidence }) => (evidence === null ? [] : [{ streamId, epochId, startAt, picture: evidence }]))
    .sort((a, b) => b.picture.rank - a.picture.rank)
    .slice(0, MOST.evidencePerBrand);
}

const shortly = ({
  streamId,
  subjectId,
  label,
  epochId,
  startPtsUs,
  startAt,
  endAt,
  visibleSeconds,
  meanShare,
  evidence,
}: Pictured): Pictured => ({
  ...{ streamId, subjectId, label, epochId, startPtsUs, startAt, endAt, visibleSeconds, meanShare, evidence },
});
