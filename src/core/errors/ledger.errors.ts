import { errorTable, errorFactory } from './errors.js';

/** Streams, epochs and runs as the ledger keeps them. */
export const ledgerErrors = errorTable({
  VD_STREAM_NAME_TAKEN: {
    title: 'A stream of this name exists',
    httpStatus: 409,
    retryable: false,
    audience: 'user',
    fix: 'Choose another name, or remove the other stream first.',
  },
  VD_STREAM_NAME_INVALID: {
    title: 'Not a stream name',
    httpStatus: 422,
    retryable: false,
    audience: 'user',
    fix: 'Use 1 to 63 of a-z, 0-9, - and _, beginning with a letter or digit. The title may be anything.',
  },
  VD_STREAM_NOT_FOUND: {
    title: 'No such stream',
    httpStatus: 404,
    retryable: false,
    audience: 'user',
    fix: 'Look at the list of streams; it may have been removed meanwhile.',
  },
  VD_EPOCH_NOT_FOUND: {
    title: 'No such epoch',
    httpStatus: 404,
    retryable: false,
    audience: 'developer',
    fix: 'Open the epoch before its segments are registered.',
  },
});

export const ledgerError = errorFactory(ledgerErrors);
