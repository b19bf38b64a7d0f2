import { errorTable, errorFactory } from './errors.js';

/** What is wrong with analysing recordings again. */
export const backfillErrors = errorTable({
  VD_BACKFILL_UNKNOWN: {
    title: 'No such backfill',
    httpStatus: 404,
    retryable: false,
    audience: 'user',
    fix: 'GET /api/backfills lists them. Old ones are deleted with what they found.',
  },
  VD_BACKFILL_ANALYZER_UNKNOWN: {
    title: 'No such analyzer',
    httpStatus: 400,
    retryable: false,
    audience: 'user',
    fix: 'Take the id of an enabled analyzer; GET /api/plugins lists them.',
  },
  VD_BACKFILL_CONFIG_INVALID: {
    title: "The analyzer's config is not acceptable",
    httpStatus: 400,
    retryable: false,
    audience: 'user',
    fix: "Correct the key named above; the analyzer's documentation lists its options. What is not given keeps its value.",
  },
  VD_BACKFILL_RANGE_INVALID: {
    title: 'There is no such range',
    httpStatus: 400,
    retryable: false,
    audience: 'user',
    fix: 'Give `from` and `to`, the later one last, and streams that exist.',
  },
  VD_BACKFILL_NOTHING: {
    title: 'There is nothing to analyse',
    httpStatus: 409,
    retryable: false,
    audience: 'user',
    fix: 'Choose a range that was recorded and is still kept; with `onlyMissing` false, what was analysed before is analysed again.',
  },
  VD_BACKFILL_TOO_MUCH: {
    title: 'Too much at once',
    httpStatus: 400,
    retryable: false,
    audience: 'user',
    fix: 'Choose a shorter range or fewer streams, and start the next part when this one is done.',
  },
  VD_BACKFILL_TOO_MANY: {
    title: 'Too many backfills',
    httpStatus: 409,
    retryable: false,
    audience: 'user',
    fix: 'Wait for one to end, or cancel one: GET /api/backfills?state=running.',
  },
  VD_BACKFILL_STATE: {
    title: 'The backfill is not in a state for that',
    httpStatus: 409,
    retryable: false,
    audience: 'user',
    fix: 'Look at its `state`: only what runs is paused, only what is paused goes on, and only what is done is taken over or discarded.',
  },
});

export const backfillError = errorFactory(backfillErrors);
