import { errorTable, errorFactory } from './errors.js';

/** Questions about capacity that cannot be answered. */
export const capacityErrors = errorTable({
  VD_CAPACITY_ANALYZER_UNKNOWN: {
    title: 'No such analyzer',
    httpStatus: 400,
    retryable: false,
    audience: 'user',
    fix: 'Take the id of an analyzer that the config names or that is enabled; GET /api/plugins lists these.',
  },
});

export const capacityError = errorFactory(capacityErrors);
