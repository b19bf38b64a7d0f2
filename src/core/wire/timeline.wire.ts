import { z } from 'zod';
import { durationMs } from '../plugin-api/index.js';
import { analyzerId, instant, list, text } from './fields.js';

const index = z.number().int().min(0).describe('Which bucket, from 0; one with nothing in it is absent');
const share = z.number().min(0).max(1).describe('Of the bucket, 0..1');
const seconds = z.number().min(0).describe('Seconds of media');

/** How detections or values of one name are spread over time. */
export const timelineSeriesWire = z.object({
  kind: z.enum(['detections', 'metrics']),
  analyzerId: z.string(),
  name: z.string().describe("The detections' label, or the metric's name"),
  buckets: z
    .array(
      z.object({
        index,
        count: z.number().int().min(1),
        mean: z.number().describe("Of the detections' scores, or of the values"),
        lowest: z.number(),
        highest: z.number(),
      }),
    )
    .describe('In order'),
});

export const timelineRecordedWire = z.object({
  index,
  share: share.describe('On disk'),
  deleted: share.describe('Was recorded, and went by retention'),
  lost: share.describe('Was recorded, and its file is gone or damaged'),
  unreadable: share.describe('Was written in a way that nobody can read'),
});

export const timelineMotionWire = z.object({
  analyzerId: z.string(),
  metric: z.string().describe('`motion.share` of the motion analyzer, or `motion` of visual-analysis where there is no other'),
  buckets: z.array(z.object({ index, mean: z.number(), highest: z.number() })).describe('In order'),
});

export const timelineEventsWire = z.object({
  analyzerId: z.string(),
  name: z.string(),
  buckets: z
    .array(
      z.object({
        index,
        count: z.number().int().min(0).describe('How many begin here'),
        seconds: z.number().min(0).describe('How long they last within the bucket, all together; one that goes on lasts until now'),
      }),
    )
    .describe('In order'),
});

export const timelineCoverageWire = z.object({
  analyzerId: z.string(),
  isLoaded: z.boolean().describe('It is there now'),
  buckets: z
    .array(
      z.object({
        index,
        done: seconds,
        partial: seconds.describe('Seconds of media of which some frames could not be looked at'),
        waiting: seconds.describe('Seconds of media that are queued, or being looked at'),
        skipped: seconds,
        failed: seconds,
        notAsked: seconds.describe('Seconds of media that were recorded while the analyzer was not assigned'),
        why: z
          .array(z.object({ state: z.enum(['skipped', 'failed']), code: z.string(), seconds }))
          .describe('What `skipped` and `failed` are made of; `reasons` has the words'),
      }),
    )
    .describe('In order'),
});

export const timelineWire = z.object({
  from: z.iso.datetime().describe('When bucket 0 begins: what was asked for, widened to whole buckets'),
  to: z.iso.datetime(),
  bucketMs: z.number().int(),
  pending: z
    .array(z.object({ from: z.iso.datetime(), to: z.iso.datetime() }))
    .describe('Hours that are about to be added up anew: what is told of them is as it was before, or missing. Ask again in a while'),
  recorded: z.array(timelineRecordedWire).optional().describe('In order'),
  motion: timelineMotionWire.nullable().optional().describe('null: nobody measured motion'),
  events: z.array(timelineEventsWire).optional(),
  coverage: z.array(timelineCoverageWire).optional().describe('Of each analyzer that is loaded, or was asked in the range'),
  reasons: z
    .array(z.object({ code: z.string(), text: z.string() }))
    .optional()
    .describe('Of all codes in `coverage`'),
  series: z.array(timelineSeriesWire).optional(),
});
export type TimelineWire = z.output<typeof timelineWire>;
export type TimelineSeriesWire = z.output<typeof timelineSeriesWire>;
export type TimelineRecordedWire = z.output<typeof timelineRecordedWire>;
export type TimelineMotionWire = z.output<typeof timelineMotionWire>;
export type TimelineEventsWire = z.output<typeof timelineEventsWire>;
export type TimelineCoverageWire = z.output<typeof timelineCoverageWire>;

export const timelineParts = ['recorded', 'motion', 'events', 'coverage', 'series'] as const;
export type TimelineWirePart = (typeof timelineParts)[number];

export const timelineSumQuery = z.strictObject({
  from: instant.optional().describe('A day before `to` when absent'),
  to: instant.optional().describe('Now when absent'),
  step: durationMs
    .optional()
    .describe('Width of a bucket, `1s` to `1d`: whole seconds, from a minute on whole minutes; about 240 buckets when absent'),
  parts: list(z.enum(timelineParts)).optional().describe('What to tell; everything when absent'),
  analyzerId: analyzerId.optional(),
  name: list(text(200)).optional().describe('Labels, or names of metrics, of `series`; all when absent'),
});
export type TimelineSumQuery = z.output<typeof timelineSumQuery>;
