import { z } from 'zod';
import { CAUSE_CODES } from '../health/cause-codes.js';
import { CAUSE_LEVELS } from '../health/judge-installation.js';
import { SEVERITIES } from '../health/severity.js';
import { streamCodes, type StreamHealthCode } from '../health/stream-codes.js';
import { SYSTEM_HEALTH_CODES } from '../health/system-codes.js';
import { HEALTH_STATUSES } from '../health/health-issue.js';
import { instant, rowId } from './fields.js';

/** How streams and the installation are, as REST and WebSocket say it. */
const iso = z.iso.datetime().describe('ISO 8601, UTC');
const amount = z.number().nullable();
const count = z.number().int();
const STREAM_CODES = Object.keys(streamCodes) as [StreamHealthCode, ...StreamHealthCode[]];

export const healthIssueWire = z.object({
  code: z.enum(STREAM_CODES).describe('A heading of docs/reference/health.md'),
  severity: z.enum(SEVERITIES),
  since: iso.nullable().describe('When it began, as far back as is looked at; null: not known'),
  reason: z.string().describe('What is wrong, for a person; `fix` goes on after a colon'),
  fix: z.string(),
  analysedUpTo: iso.nullable().describe('Up to when what it was judged by reaches'),
});

export const streamVerdictWire = z.object({
  status: z.enum(HEALTH_STATUSES).describe('noData: nothing comes in that could be judged'),
  issues: z.array(healthIssueWire).describe('The gravest first'),
});

const endedRuns = z.object({ analyzerId: z.string(), reason: z.string().nullable(), count });

/** Null is not known, or not there; never zero. */
export const streamMeasuresWire = z.object({
  videoCodec: z.string().nullable(),
  videoProfile: z.string().nullable(),
  chroma: z.string().nullable().describe('4:2:0, 4:2:2, 4:4:4 or 4:0:0'),
  bitDepth: count.nullable(),
  playableIn: z.enum(['all', 'some', 'none']).nullable().describe('Browsers that show the picture'),
  audioCodec: z.string().nullable(),
  hasSound: z.boolean().nullable().describe('In the newest segment'),
  bitrateBps: amount.describe('Bits per second of media, over the last minute'),
  frameRateFps: amount,
  declaredFrameRateFps: amount,
  keyframeIntervalMs: amount.describe('Mean over the last minute'),
  shortestKeyframeIntervalMs: amount,
  longestKeyframeIntervalMs: amount,
  noPictureMs: amount.describe('How long there has been no picture while sound came'),
  noKeyframeMs: amount.describe('How long there has been no keyframe while pictures came'),
  mediaUpTo: iso.nullable().describe('End of the newest segment'),
  segmentAgeMs: amount.describe('Since the newest segment was registered'),
  driftMs: amount.describe('Media time behind wall time since the epoch began'),
  jitterMs: amount.describe('How much later than the promptest nine in ten segments come at most'),
  gapsLastHour: z.array(z.object({ reason: z.string(), count })),
  reconnectsLastHour: count,
  framesLostByCause: z.record(z.string(), count).nullable().describe('Frames that came and were not stored, in this epoch'),
  analysedUpTo: iso.nullable().describe('All media up to here has been analysed, or was given up'),
  analysisLagMs: amount.describe('Age of the oldest segment that is not analysed yet; 0 when none waits'),
  failedShare: amount.describe('Of the runs that ended within 2 minutes'),
  failures: z.array(endedRuns),
  skippedShare: amount.describe('The same, without runs that had nothing to do'),
  skips: z.array(endedRuns),
});

export const streamHealthWire = streamVerdictWire.extend({
  streamId: z.uuid(),
  at: iso.describe('The moment that was judged'),
  measures: streamMeasuresWire,
});

/** How one stream is, as it is told to everybody who watches the list. */
export const streamStatusWire = streamVerdictWire.extend({ streamId: z.uuid() });

export const streamHealthQuery = z.strictObject({ at: instant.optional().describe('A moment in the past; now when absent') });

/** What keeps media from being taken in, stored and analysed now, or soon will. */
export const healthReason = z.enum(SYSTEM_HEALTH_CODES);

/** GET /api/health: open to everyone, so it names no machine and no path; `problems` of GET /api/system do. */
export const healthWire = z.object({
  status: z.enum(['ok', 'unavailable']),
  reasons: z.array(healthReason),
  issues: z.array(z.object({ code: healthReason, reason: z.string(), fix: z.string() })).describe('The same in words'),
});

/** Processes of a role that ended on a machine without being asked to, and that nobody has acknowledged. */
export const crashWire = z.object({
  role: z.string(),
  host: z.string(),
  count,
  firstAt: iso,
  lastAt: iso.describe('When the last of them was last heard of'),
  upTo: z.string().describe('To be sent to acknowledge these, and none that comes later'),
});
export const acknowledgeBody = z.strictObject({ upTo: rowId });

/** What keeps the installation from being well, of what the asker may know. */
export const statusCauseWire = z.object({
  code: z.enum(CAUSE_CODES).describe('A heading of docs/reference/health.md'),
  level: z.enum(CAUSE_LEVELS).describe('bad: media or results are being lost, or nobody can watch'),
  text: z.string().describe('What is wrong, for a person, in English; `fix` goes on after a colon'),
  fix: z.string(),
  params: z.record(z.string(), z.union([z.string(), z.number()])).describe('What the text is made of, to say it in another language'),
  since: iso.nullable().describe('When it began; null: not known'),
  stream: z.object({ id: z.uuid(), name: z.string(), title: z.string() }).nullable().describe('The only one that it is about'),
  analyzer: z.object({ id: z.string(), title: z.string() }).nullable(),
  acknowledge: z.string().nullable().describe('`upTo` of POST /api/system/crashes/acknowledge; null: it ends when its reason does'),
});
export const statusWire = z.object({
  level: z.enum(['good', ...CAUSE_LEVELS]),
  text: z.string().describe('One sentence: the gravest cause, or that all is well'),
  causes: z.array(statusCauseWire).describe('The gravest first'),
});

export type StreamVerdictWire = z.output<typeof streamVerdictWire>;
export type StatusCauseWire = z.output<typeof statusCauseWire>;
export type StatusWire = z.output<typeof statusWire>;
export type StreamMeasuresWire = z.output<typeof streamMeasuresWire>;
export type StreamHealthWire = z.output<typeof streamHealthWire>;
export type StreamStatusWire = z.output<typeof streamStatusWire>;
export type StreamHealthQuery = z.output<typeof streamHealthQuery>;
export type HealthReason = z.output<typeof healthReason>;
export type HealthWire = z.output<typeof healthWire>;
export type CrashWire = z.output<typeof crashWire>;
export type AcknowledgeBody = z.output<typeof acknowledgeBody>;
