import { errorTable, errorFactory } from './errors.js';

/** The life of the program's processes once they were started. */
export const runtimeErrors = errorTable({
  VD_RUNTIME_ROLE_ENDED: {
    title: 'A role ended unexpectedly',
    httpStatus: 500,
    retryable: true,
    audience: 'operator',
    fix: 'It is started again by itself. If it keeps ending, read <dataDir>/logs/<role>.log and report what it says.',
  },
  VD_RUNTIME_CRASHED: {
    title: 'A role met an error that nobody foresaw',
    httpStatus: 500,
    retryable: true,
    audience: 'developer',
    fix: 'The role ends and is started again. Please report the error with its stack.',
  },
  VD_RUNTIME_DRAIN_TIMEOUT: {
    title: 'A role did not come to its end in time',
    httpStatus: 500,
    retryable: false,
    audience: 'developer',
    fix: 'Nothing is lost: what it left open is taken up at the next start. Please report it if it happens often.',
  },
});

export const runtimeError = errorFactory(runtimeErrors);
