import { errorTable, errorFactory } from './errors.js';

/** What can go wrong when something is to leave this installation. */
export const egressErrors = errorTable({
  VD_EGRESS_REFUSED: {
    title: 'Nothing is sent to this host',
    httpStatus: 403,
    retryable: false,
    audience: 'operator',
    fix: 'Add the host to egress.allow in vedette.config.yaml, if you mean pictures to be sent there.',
  },
});

export const egressError = errorFactory(egressErrors);
