import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { appearancesCsv, brandsCsv } from '../../exposure/exposure-csv.js';
import type { Appearance } from '../../exposure/exposure-meter.js';
import { EvidenceReads } from '../../persistence/read/evidence-reads.js';
import { HEAT_COLUMNS, HEAT_ROWS } from '../../exposure/heat-map.js';
import { principalOf } from '../auth/principal.js';
import { askerOf } from '../http/asker.js';
import { Operation } from '../openapi/operation.js';
import * as wire from '../../wire/exposure.wire.js';
import { idParams, type IdParams } from '../../wire/inputs.js';
import { AppearanceEvidence } from './appearance-evidence.js';
import { appearanceOnWire } from './appearance-on-wire.js';
import { Exposure, type MeasuredExposure } from './exposure.js';
import { exposureTotals } from './exposure-totals.js';
import { sendCsv } from '../http/send-csv.js';
import { StreamAccess } from './stream-access.js';

const APPEARANCES_IN_REPORT = 1_000;

/** What brands got out of a stream: seconds, size, place, clarity, company. */
@Controller('api/streams/:id/exposure')
export class ExposureController {
  constructor(
    private readonly access: StreamAccess,
    private readonly exposure: Exposure,
    private readonly evidence: EvidenceReads,
  ) {}

  @Get()
  @Operation({
    id: 'getExposure',
    tag: 'exposure',
    summary: 'Exposure by brand; per session, day or range',
    response: wire.exposureWire,
    problems: { 404: 'No such stream or epoch', 503: 'Too many reports at once' },
  })
  async byBrand(
    @Param({ schema: idParams }) params: IdParams,
    @Query({ schema: wire.exposureQuery }) query: wire.ExposureQuery,
    @Req() request: Request,
  ): Promise<wire.ExposureWire> {
    return byBrand(await this.measure(params.id, query, request));
  }

  @Get('report')
  @Operation({
    id: 'getExposureReport',
    tag: 'exposure',
    summary: 'Everything a report page shows: brands with heat maps, time series, appearances',
    response: wire.exposureReportWire,
    problems: { 404: 'No such stream or epoch', 503: 'Too many reports at once' },
  })
  async report(
    @Param({ schema: idParams }) params: IdParams,
    @Query({ schema: wire.exposureReportQuery }) query: wire.ExposureReportQuery,
    @Req() request: Request,
  ): Promise<wire.ExposureReportWire> {
    const { scope, bucketMs, groups, filter } = await this.measure(params.id, query, request);
    const evidence = await this.evidenceOf(filter);
    const { brands, appearances, series } = groups[0] ?? { brands: [], appearances: [], series: [] };
    return {
      ...scope,
      totals: exposureTotals(brands, appearances),
      brands: brands.map((brand) => ({ ...brand, gridSeconds: [...brand.gridSeconds], heat: [...brand.heat] })),
      heatGrid: { columns: HEAT_COLUMNS, rows: HEAT_ROWS },
      bucketMs,
      series: series.map(({ startAtMs, seconds }) => ({ startAt: new Date(startAtMs).toISOString(), seconds: { ...seconds } })),
      appearances: appearances.slice(0, APPEARANCES_IN_REPORT).map((one) => appearanceOnWire(one, evidence)),
      appearancesLeftOut: Math.max(0, appearances.length - APPEARANCES_IN_REPORT),
    };
  }

  @Get('export')
  @Operation({
    id: 'exportExposure',
    tag: 'exposure',
    summary: 'Exposure as CSV or JSON, by brand or by appearance',
    produces: ['text/csv', 'application/json'],
    problems: { 404: 'No such stream or epoch', 503: 'Too many reports at once' },
  })
  async export(
    @Param({ schema: idParams }) params: IdParams,
    @Query({ schema: wire.exposureExportQuery }) query: wire.ExposureExportQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const measured = await this.measure(params.id, query, request);
    const of = query.of ?? 'brands';
    const appearances = measured.groups.flatMap((group) => group.appearances);
    const name = `exposure-${of}-${measured.scope.from.slice(0, 10)}`;
    if (query.format === 'json') {
      const body = of === 'brands' ? byBrand(measured) : await this.byAppearance(measured, appearances);
      response.setHeader('Content-Disposition', `attachment; filename="${name}.json"`).json(body);
      return;
    }
    const text =
      of === 'brands'
        ? brandsCsv(measured.groups.flatMap(({ key, brands }) => brands.map((brand) => ({ group: key, ...brand }))))
        : appearancesCsv(appearances);
    sendCsv(response, name, text);
  }

  private async byAppearance({ scope, filter }: MeasuredExposure, appearances: readonly Appearance[]): Promise<object> {
    const evidence = await this.evidenceOf(filter);
    return { ...scope, appearances: appearances.map((one) => appearanceOnWire(one, evidence)) };
  }

  private async evidenceOf(filter: MeasuredExposure['filter']): Promise<AppearanceEvidence> {
    return new AppearanceEvidence(await this.evidence.ofBrands(filter));
  }

  private async measure(
    streamId: string,
    query: wire.ExposureReportQuery & { by?: wire.ExposureQuery['by']; timeZone?: string | undefined },
    request: Request,
  ): Promise<MeasuredExposure> {
    await this.access.one(streamId, principalOf(request));
    return this.exposure.measure(askerOf(request), streamId, query, query.by ?? 'range', query.timeZone);
  }
}

function byBrand({ scope, groups }: MeasuredExposure): wire.ExposureWire {
  return {
    ...scope,
    groups: groups.map(({ key, brands }) => ({
      key,
      brands: brands.map(({ heat: _, ...brand }) => ({ ...brand, gridSeconds: [...brand.gridSeconds] })),
    })),
  };
}
