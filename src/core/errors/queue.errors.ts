import { errorTable, errorFactory } from './errors.js';

/** Queues and the work that is done from them. */
export const queueErrors = errorTable({
  VD_QUEUE_UNAVAILABLE: {
    title: 'The queue cannot be reached',
    httpStatus: 503,
    retryable: true,
    audience: 'operator',
    fix:
      'Check that PostgreSQL (or Redis, where redis.url is set) runs and can be reached. Nothing is lost: work is in the ledger, and ' +
      'Vedette queues it again.',
  },
  VD_QUEUE_UNKNOWN: {
    title: 'No such queue',
    httpStatus: 404,
    retryable: false,
    audience: 'operator',
    fix: 'Name one of the queues the message lists, or enable the plugin that brings the queue.',
  },
  VD_RUN_STATE: {
    title: 'The run is not in a state for that',
    httpStatus: 409,
    retryable: false,
    audience: 'user',
    fix: 'Only runs that failed or were skipped can be taken up again. To analyse again what was analysed, begin a backfill.',
  },
  VD_PIPELINE_NO_STRATEGY: {
    title: 'No execution strategy takes this analyzer',
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: "Set the analyzer's execution.prefer to a strategy that supports its task, and check that the strategy's plugin is enabled.",
  },
  VD_PIPELINE_OUTCOME_INCOMPLETE: {
    title: 'A strategy did not answer for an analyzer',
    httpStatus: 502,
    retryable: true,
    audience: 'developer',
    fix: 'The strategy must give exactly one outcome for every task of its job: report it to its author.',
  },
  VD_PIPELINE_OUTCOME_INVALID: {
    title: 'A strategy gave an invalid answer',
    httpStatus: 502,
    retryable: true,
    audience: 'developer',
    fix:
      'The strategy must answer in the form of outcomeSchema of vedette/plugin: report the message to its author. Its tasks are ' +
      'tried on the other strategies that the analyzer prefers.',
  },
  VD_PIPELINE_NOT_BEGUN: {
    title: 'A job waited for an analysis host until its time limit',
    httpStatus: 503,
    retryable: true,
    audience: 'operator',
    fix:
      'Nothing is lost: the run stays queued and no attempt is counted. If this happens often, there is more work than analysis hosts: ' +
      'add workers, or lower the sampling of analyzers.',
  },
  VD_PIPELINE_BROKEN: {
    title: 'A worker failed while it processed a segment',
    httpStatus: 500,
    retryable: true,
    audience: 'developer',
    fix: 'Please report the message with the log lines around it. Vedette tries the segment again.',
  },
  VD_PIPELINE_STRATEGY_FAILED: {
    title: 'A strategy failed',
    httpStatus: 502,
    retryable: true,
    audience: 'developer',
    fix: 'The strategy threw an error without a code: report it to its author.',
  },
  VD_PIPELINE_TIMEOUT: {
    title: 'A segment took too long to analyse',
    httpStatus: 504,
    retryable: true,
    audience: 'operator',
    fix: 'Lower the sampling of the analyzers on this queue, or raise analysis.jobTimeout.',
  },
  VD_PIPELINE_POISON: {
    title: 'A segment takes its worker down',
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: 'Keep the segment file and report it with the name of the analyzer. The stream goes on without this run.',
  },
  VD_PIPELINE_COMMIT_REFUSED: {
    title: 'The database refused the results of a run',
    httpStatus: 500,
    retryable: false,
    audience: 'developer',
    fix: 'Please report the message with the name of the analyzer. The stream goes on without this run.',
  },
  VD_PIPELINE_RUN_FAILED: {
    title: 'Runs of a segment failed for good',
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: 'Each run keeps its own error: look at the runs of the stream.',
  },
});

export const queueError = errorFactory(queueErrors);
