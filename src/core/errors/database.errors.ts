import { errorTable, errorFactory } from './errors.js';

/** The database: the embedded server's life, connections, migrations. */
export const databaseErrors = errorTable({
  VD_DATABASE_PLATFORM: {
    title: 'No embedded PostgreSQL for this platform',
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: 'Run a PostgreSQL 14 or newer yourself and set DATABASE_URL, or database.url in vedette.config.yaml.',
  },
  VD_DATABASE_DIR_UNUSABLE: {
    title: 'The database folder cannot be used',
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: 'Make the data folder writable for this user, or set dataDir to another folder.',
  },
  VD_DATABASE_INIT_FAILED: {
    title: 'The embedded PostgreSQL could not make its database files',
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: 'Read the last lines above. An interrupted first start is mended by deleting <dataDir>/postgres.',
  },
  VD_DATABASE_START_FAILED: {
    title: 'The embedded PostgreSQL did not start',
    httpStatus: 500,
    retryable: true,
    audience: 'operator',
    fix: 'Read <dataDir>/logs/postgres.log. Files of another major version need a dump and restore, or a fresh dataDir.',
  },
  VD_DATABASE_URL_MISSING: {
    title: 'No database address',
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: 'Start with `vedette up`, which brings its own PostgreSQL, or set DATABASE_URL.',
  },
  VD_DATABASE_UNREACHABLE: {
    title: 'The database cannot be reached',
    httpStatus: 503,
    retryable: true,
    audience: 'operator',
    fix: 'Check that PostgreSQL runs at the address in DATABASE_URL and that user and password are right.',
  },
});

export const databaseError = errorFactory(databaseErrors);
