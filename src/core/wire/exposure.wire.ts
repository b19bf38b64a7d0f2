import { z } from 'zod';
import { evidenceWire } from './evidence.wire.js';
import { instant, list, score, text, uuid } from './fields.js';

const seconds = z.number().nonnegative();
const share = z.number().min(0).max(1);
const iso = z.iso.datetime();

const figures = {
  visibleSeconds: seconds,
  meanShare: share.describe('Of the frame, over the visible time'),
  peakShare: share,
  meanClarity: share.describe('Sharpness beside that of the reference image'),
  meanScore: share,
  meanInstances: z.number().nonnegative().describe('Its logos in frame at once'),
  meanOthers: z.number().nonnegative().describe('Other brands in frame at once'),
  aloneSeconds: seconds.describe('With no other brand in frame'),
  factors: z.object({ size: share, position: share, clarity: share, exclusivity: share }).describe('Means of the factors of the formula'),
  weightedSeconds: seconds.describe('Seconds, each weighed by the four factors of its own frame'),
  gridSeconds: z.array(seconds).length(9).describe('By cell of the 3x3 grid, row by row'),
};

export const brandExposureWire = z.object({
  subjectId: z.string(),
  label: z.string(),
  ...figures,
  appearances: z.number().int().nonnegative(),
  shareOfVoice: share.describe("Its part of all brands' visible seconds"),
  weightedShareOfVoice: share.describe("Its part of all brands' weighted seconds"),
});

export const appearanceWire = z.object({
  subjectId: z.string(),
  label: z.string(),
  epochId: z.uuid(),
  startPtsUs: z.number().int(),
  endPtsUs: z.number().int(),
  startAt: iso,
  endAt: iso,
  ...figures,
  evidence: evidenceWire.nullable().describe('The best picture of it; null where none was kept'),
});

const scope = {
  streamId: z.uuid(),
  epochId: z.uuid().nullable(),
  from: iso,
  to: iso,
  minScore: share,
  analyzerIds: z.array(z.string()),
  analysedSeconds: seconds.describe('Media in the range that the analyzers have seen: what the seconds are out of'),
  formulaVersion: z.number().int(),
};

/** Brands by session, day, or over the whole range. */
export const exposureWire = z.object({
  ...scope,
  groups: z.array(z.object({ key: z.string().describe('`range`, an epoch, or a day'), brands: z.array(brandExposureWire) })),
});

/** Everything a report page shows, in one answer. */
export const exposureReportWire = z.object({
  ...scope,
  totals: z.object({ brands: z.number().int(), appearances: z.number().int(), visibleSeconds: seconds, weightedSeconds: seconds }),
  brands: z.array(brandExposureWire.extend({ heat: z.array(seconds).describe('Seconds by cell, row by row') })),
  heatGrid: z.object({ columns: z.number().int(), rows: z.number().int() }),
  bucketMs: z.number().int().positive(),
  series: z
    .array(z.object({ startAt: iso, seconds: z.record(z.string(), seconds) }))
    .describe('Per bucket in which something was seen: seconds by brand'),
  appearances: z.array(appearanceWire).describe('In order; the first thousand'),
  appearancesLeftOut: z.number().int().nonnegative(),
});

/** As many brands are told of, the most seconds first, and so many pictures of each. */
export const EXPOSURE_LIMITS = { streams: 100, brands: 200, appearances: 1_000, evidencePerBrand: 6 } as const;

/** Several streams together, over one range: everything that the page of exposures shows. */
export const streamsExposureWire = z.object({
  from: iso,
  to: iso,
  minScore: share,
  analyzerIds: z.array(z.string()),
  analysedSeconds: seconds.describe('Of all streams together'),
  formulaVersion: z.number().int(),
  streams: z.array(
    z.object({
      streamId: uuid,
      name: z.string(),
      title: z.string(),
      analysedSeconds: seconds,
      visibleSeconds: seconds.describe('Of all brands together'),
      appearances: z.number().int().nonnegative(),
    }),
  ),
  totals: z.object({ brands: z.number().int(), appearances: z.number().int(), visibleSeconds: seconds, weightedSeconds: seconds }),
  brands: z
    .array(
      brandExposureWire.extend({
        heat: z.array(seconds).describe('Seconds by cell, row by row'),
        byStream: z.array(z.object({ streamId: uuid, visibleSeconds: seconds, appearances: z.number().int() })),
        evidence: z
          .array(z.object({ streamId: uuid, epochId: uuid, startAt: iso, picture: evidenceWire }))
          .max(EXPOSURE_LIMITS.evidencePerBrand)
          .describe('The best pictures that were kept of its appearances'),
      }),
    )
    .describe(`The most seconds first; ${EXPOSURE_LIMITS.brands} at most`),
  brandsLeftOut: z.number().int().nonnegative(),
  heatGrid: z.object({ columns: z.number().int(), rows: z.number().int() }),
  bucketMs: z.number().int().positive(),
  series: z
    .array(z.object({ startAt: iso, seconds: z.record(z.string(), seconds) }))
    .describe('Per bucket in which something was seen: seconds by brand, of all streams together'),
  appearances: z
    .array(
      appearanceWire
        .pick({
          subjectId: true,
          label: true,
          epochId: true,
          startPtsUs: true,
          startAt: true,
          endAt: true,
          visibleSeconds: true,
          meanShare: true,
          evidence: true,
        })
        .extend({ streamId: uuid }),
    )
    .describe('The latest first; the latest thousand'),
  appearancesLeftOut: z.number().int().nonnegative(),
});
export type StreamsExposureWire = z.output<typeof streamsExposureWire>;

export type ExposureWire = z.output<typeof exposureWire>;
export type ExposureReportWire = z.output<typeof exposureReportWire>;

const gapText = z
  .string()
  .regex(/^\d{1,6}$/, 'milliseconds, at most 999999')
  .transform(Number);

const query = {
  epochId: z.uuid().optional().describe('One session'),
  from: instant.optional().describe('Absent: 24 hours before `to`, or the beginning of the epoch'),
  to: instant.optional().describe('Absent: now'),
  minScore: score.optional().describe('Detections below it do not count; 0.5 when absent'),
  maxGapMs: gapText.optional().describe('A longer absence ends an appearance; 1000 when absent'),
  brand: list(text(200)).optional().describe('Names of brands; all when absent. Shares of voice are then among these'),
};
const by = z.enum(['range', 'session', 'day']).optional().describe('What the figures are grouped by; `range` when absent');
const timeZone = text(64).optional().describe('IANA name, decides where a day begins; UTC when absent');

export const exposureQuery = z.strictObject({ ...query, by, timeZone });
export const exposureReportQuery = z.strictObject(query);
export const exposureExportQuery = z.strictObject({
  ...query,
  by,
  timeZone,
  of: z.enum(['brands', 'appearances']).optional().describe('What a row is; `brands` when absent'),
  format: z.enum(['csv', 'json']).optional().describe('`csv` when absent'),
});
export type ExposureQuery = z.output<typeof exposureQuery>;
export type ExposureReportQuery = z.output<typeof exposureReportQuery>;
export type ExposureExportQuery = z.output<typeof exposureExportQuery>;

const ofStreams = {
  ...query,
  streamId: list(uuid).optional().describe('At most 50; all that the user may see when absent, at most 100'),
  epochId: z.uuid().optional().describe('One session, of the only stream in `streamId`'),
};
export const streamsExposureQuery = z.strictObject(ofStreams);
export const streamsExposureExportQuery = z.strictObject({
  ...ofStreams,
  of: z
    .enum(['brands', 'streams', 'appearances'])
    .optional()
    .describe('What a row is: a brand, a brand on a stream, or an appearance; `brands` when absent'),
});
export type StreamsExposureQuery = z.output<typeof streamsExposureQuery>;
export type StreamsExposureExportQuery = z.output<typeof streamsExposureExportQuery>;
