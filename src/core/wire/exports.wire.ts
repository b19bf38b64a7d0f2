import { z } from 'zod';
import { nameSchema } from '../plugin-api/index.js';
import { analyzerId, list, uuid } from './fields.js';
import { moment } from './playback.wire.js';

/** What lines of results are of. */
export const RESULT_KINDS = ['event', 'detection', 'metric', 'observation'] as const;
export type LineKind = (typeof RESULT_KINDS)[number];

export const resultLinesQuery = z.strictObject({
  from: moment,
  to: moment.optional().describe('As `from`, at most 7 days after it; now when absent'),
  analyzerId: analyzerId.optional().describe("An analyzer's id"),
  kind: list(z.enum(RESULT_KINDS)).optional().describe('All when absent'),
});
export type ResultLinesQuery = z.output<typeof resultLinesQuery>;

export const tracksQuery = z.strictObject({
  from: moment.describe('As of the playlist that it is shown with'),
  to: moment.optional().describe('As of the playlist; 24 h after `from` when absent'),
  epochId: uuid.optional().describe('What is of this epoch only, with the map of its clock'),
  analyzerId: analyzerId.optional().describe("An analyzer's id"),
  label: list(nameSchema(200)).optional().describe('Labels of detections, and what events are of'),
});
export type TracksQuery = z.output<typeof tracksQuery>;
