import { errorTable, errorFactory } from './errors.js';

/** The life of the program's processes once they were started. */
export const runtimeErrors = errorTable({
  VD_RUNTIME_ROLE_ENDED: {
    title: 'A role ended unexpectedly',
    httpStatus: 500,
    retryable: true,
    audience: 'operator',
    fix: 'Vedette starts the role again. If it keeps ending, read <dataDir>/logs/<role>.log and report what it says.',
  },
  VD_RUNTIME_CRASHED: {
    title: 'A role ended by an unexpected error',
    httpStatus: 500,
    retryable: true,
    audience: 'developer',
    fix: 'Vedette starts the role again. Please report the error with its stack.',
  },
  VD_RUNTIME_DRAIN_TIMEOUT: {
    title: 'A role did not stop in time',
    httpStatus: 500,
    retryable: false,
    audience: 'developer',
    fix: 'Nothing is lost: the next start continues what the role left open. Please report it if it happens often.',
  },
});

export const runtimeError = errorFactory(runtimeErrors);
