/** How a job that somebody started is: a clip, an import, a backfill. */
export const JOB_STATES = ['queued', 'running', 'paused', 'done', 'failed', 'cancelled'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** Those of jobs that go on, or may. */
export const UNFINISHED = ['queued', 'running', 'paused'] as const satisfies readonly JobState[];
