import { defineErrors, errorFactory } from './errors.js';

/** Starting, supervising and ending the program's processes. */
export const runtimeErrors = defineErrors({
  VD_RUNTIME_UNKNOWN_ROLE: {
    title: 'There is no such role',
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: 'Start one of the roles named above.',
  },
  VD_RUNTIME_NODE_TOO_OLD: {
    title: 'This Node.js is too old',
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: 'Run `npm start`, which brings the right Node.js along, or install the version named above.',
  },
  VD_RUNTIME_FFMPEG_MISSING: {
    title: 'ffmpeg cannot be run',
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: 'Install it: `apt install ffmpeg`, `brew install ffmpeg` or `winget install ffmpeg`; or set packaging.ffmpegPath.',
  },
  VD_RUNTIME_FOLDER_UNUSABLE: {
    title: 'A folder cannot be used',
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: 'Make the folder writable for this user, or set dataDir and mediaDir (VEDETTE_DATA_DIR, VEDETTE_MEDIA_DIR) to other folders.',
  },
  VD_RUNTIME_PORT_TAKEN: {
    title: 'A port is in use',
    httpStatus: 500,
    retryable: true,
    audience: 'operator',
    fix: 'Stop the program that holds the port, or set another one: VEDETTE_API_PORT for the dashboard, plugins[].sources for listeners.',
  },
  VD_RUNTIME_ALREADY_RUNNING: {
    title: 'Vedette is already running on this data folder',
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: 'Stop the other one (Ctrl-C where it runs), or give this one its own folders and ports.',
  },
  VD_RUNTIME_ROLE_NOT_READY: {
    title: 'A role did not become ready',
    httpStatus: 500,
    retryable: true,
    audience: 'operator',
    fix: 'Read the lines of that role above, or <dataDir>/logs/<role>.log.',
  },
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
