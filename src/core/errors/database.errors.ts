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
    fix: 'Read the last lines above and start again: what an interrupted first start left is removed by the next one.',
  },
  VD_DATABASE_START_FAILED: {
    title: 'The embedded PostgreSQL did not start',
    httpStatus: 500,
    retryable: true,
    audience: 'operator',
    fix:
      'Read <dataDir>/logs/postgres.log, which names the file or setting that is wrong. Files of another major version need a dump ' +
      'with that version and a restore.',
  },
  VD_DATABASE_FILES_DAMAGED: {
    title: 'The database files are damaged',
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: 'Restore <dataDir>/postgres from a backup. If it holds no database of yours, move it away: the next start makes another.',
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
