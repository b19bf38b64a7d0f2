import { z } from 'zod';
import { analyzerId, instant, list, text } from './fields.js';

/** How detections or values of one name are spread over time. */
export const timelineSeriesWire = z.object({
  kind: z.enum(['detections', 'metrics']),
  analyzerId: z.string(),
  name: z.string().describe("The detections' label, or the metric's name"),
  buckets: z
    .array(
      z.object({
        index: z.number().int().min(0).describe('Which bucket, from 0; one with nothing in it is absent'),
        count: z.number().int().min(1),
        mean: z.number().describe("Of the detections' scores, or of the values"),
        lowest: z.number(),
        highest: z.number(),
      }),
    )
    .describe('In order'),
});

export const timelineWire = z.object({
  from: z.iso.datetime().describe('When bucket 0 begins: what was asked for, widened to whole buckets'),
  to: z.iso.datetime(),
  bucketMs: z.number().int(),
  series: z.array(timelineSeriesWire),
});
export type TimelineWire = z.output<typeof timelineWire>;
export type TimelineSeriesWire = z.output<typeof timelineSeriesWire>;

export const timelineSumQuery = z.strictObject({
  from: instant.optional().describe('A day before `to` when absent'),
  to: instant.optional().describe('Now when absent'),
  analyzerId: analyzerId.optional(),
  name: list(text(200)).optional().describe('Labels, or names of metrics; all when absent'),
});
export type TimelineSumQuery = z.output<typeof timelineSumQuery>;
