import { errorTable, errorFactory } from './errors.js';

/** What is wrong with what somebody wants kept, or deleted. */
export const retentionErrors = errorTable({
  VD_RETENTION_EVENT_UNKNOWN: {
    title: 'No such event',
    httpStatus: 404,
    retryable: false,
    audience: 'user',
    fix: 'Take the id of an event of this stream; GET /api/streams/<id>/events lists them. What retention deleted cannot be held.',
  },
  VD_RETENTION_RANGE_INVALID: {
    title: 'There is no such range',
    httpStatus: 400,
    retryable: false,
    audience: 'user',
    fix: 'Give `from` and `to`, the later one last, or `eventId`.',
  },
  VD_RETENTION_TOO_MANY_HOLDS: {
    title: 'Too many holds and marks',
    httpStatus: 409,
    retryable: false,
    audience: 'operator',
    fix: 'Release holds that are of no use any more, or make one over a longer range instead of many.',
  },
});

export const retentionError = errorFactory(retentionErrors);
