import { errorTable, errorFactory } from './errors.js';

/** What keeps the program from starting; found before anything is half up. */
export const bootErrors = errorTable({
  VD_BOOT_UNKNOWN_ROLE: {
    title: 'There is no such role',
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: 'Start one of the roles named above.',
  },
  VD_BOOT_UNKNOWN_COMMAND: {
    title: 'There is no such command',
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: 'Run `vedette --help`, which says what each command does; without one, `vedette` is `vedette up`.',
  },
  VD_BOOT_NODE_TOO_OLD: {
    title: 'This Node.js is too old',
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: 'Run `npm start`, which brings the right Node.js along, or install the version named above.',
  },
  VD_BOOT_FFMPEG_MISSING: {
    title: 'ffmpeg cannot be run',
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: 'Install it: `apt install ffmpeg`, `brew install ffmpeg` or `winget install ffmpeg`; or set packaging.ffmpegPath.',
  },
  VD_BOOT_FOLDER_UNUSABLE: {
    title: 'A folder cannot be used',
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: 'Make the folder writable for this user, or set dataDir and mediaDir (VEDETTE_DATA_DIR, VEDETTE_MEDIA_DIR) to other folders.',
  },
  VD_BOOT_PORT_TAKEN: {
    title: 'A port is in use',
    httpStatus: 500,
    retryable: true,
    audience: 'operator',
    fix: 'Stop the program that holds the port, or set another one: VEDETTE_API_PORT for the dashboard, plugins[].sources for listeners.',
  },
  VD_BOOT_ALREADY_RUNNING: {
    title: 'Vedette is already running on this data folder',
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: 'Stop the other one (Ctrl-C where it runs), or give this one its own folders and ports.',
  },
  VD_BOOT_ROLE_NOT_READY: {
    title: 'A role did not become ready',
    httpStatus: 500,
    retryable: true,
    audience: 'operator',
    fix: 'Read the lines of that role above, or <dataDir>/logs/<role>.log.',
  },
  VD_BOOT_NOT_RUNNING: {
    title: 'Vedette is not running on this data folder',
    httpStatus: 503,
    retryable: true,
    audience: 'operator',
    fix: 'Start it with `npm start` or `vedette up`, then run the command again from the same folder; or set DATABASE_URL.',
  },
});

export const bootError = errorFactory(bootErrors);
