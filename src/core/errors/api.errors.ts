import { errorTable, errorFactory } from './errors.js';

/** What REST, WebSocket and HLS answer when they cannot do what was asked. */
export const apiErrors = errorTable({
  VD_API_INVALID: {
    title: 'The request is not valid',
    httpStatus: 400,
    retryable: false,
    audience: 'developer',
    fix: 'Compare the fields listed in `errors` with /api/openapi.json. Unknown fields are refused.',
  },
  VD_API_NAME_UNKNOWN: {
    title: 'Nothing has the name that the request asks for',
    httpStatus: 400,
    retryable: false,
    audience: 'user',
    fix: 'Take one of the names that the message lists. Results of analyzers that were removed can be asked for while they are kept.',
  },
  VD_API_BAD_JSON: {
    title: 'The request body is not JSON',
    httpStatus: 400,
    retryable: false,
    audience: 'developer',
    fix: 'Send a JSON object with `Content-Type: application/json`.',
  },
  VD_API_TOO_LARGE: {
    title: 'The request body is too large',
    httpStatus: 413,
    retryable: false,
    audience: 'developer',
    fix: 'Send at most 256 kB.',
  },
  VD_API_REFUSED: {
    title: 'The request cannot be served',
    httpStatus: 400,
    retryable: false,
    audience: 'developer',
    fix: 'Compare the request with /api/openapi.json.',
  },
  VD_API_NOT_FOUND: {
    title: 'Nothing is here',
    httpStatus: 404,
    retryable: false,
    audience: 'user',
    fix: 'Check the address; /api/openapi.json lists what there is.',
  },
  VD_API_RANGE_TOO_WIDE: {
    title: 'The time range is too wide',
    httpStatus: 400,
    retryable: false,
    audience: 'developer',
    fix: 'Ask for a shorter range, and go on from its end.',
  },
  VD_API_STEP_TOO_SMALL: {
    title: 'The step is too small for the range',
    httpStatus: 400,
    retryable: false,
    audience: 'developer',
    fix: 'Take the step that the message names, or a shorter range.',
  },
  VD_API_QUERY_TIMEOUT: {
    title: 'The query took too long',
    httpStatus: 503,
    retryable: true,
    audience: 'developer',
    fix: 'Ask for a shorter range or a smaller page.',
  },
  VD_API_UNAVAILABLE: {
    title: 'The database does not answer',
    httpStatus: 503,
    retryable: true,
    audience: 'operator',
    fix: 'Check that PostgreSQL runs; the API continues when the database is back.',
  },
  VD_API_INTERNAL: {
    title: 'Something went wrong in the server',
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: 'Look for this time and path in the log of the api role, and report it with that line.',
  },
  VD_API_ADAPTER_UNKNOWN: {
    title: 'No such source adapter',
    httpStatus: 400,
    retryable: false,
    audience: 'user',
    fix: 'Take an id from `sources` of GET /api/plugins, or add the plugin that brings it to vedette.config.yaml.',
  },
  VD_API_SOURCE_CONFIG_INVALID: {
    title: "The source's config is not valid",
    httpStatus: 400,
    retryable: false,
    audience: 'user',
    fix: 'Correct the fields listed in `errors`.',
  },
  VD_API_STREAM_DECLARED: {
    title: 'The config file declares the stream',
    httpStatus: 409,
    retryable: false,
    audience: 'operator',
    fix:
      'Change it where the message says: within seconds it is followed. A stream that is taken out of the list is ' +
      'switched off, and is changed here.',
  },
  VD_API_NO_MEDIA: {
    title: 'The stream has no media yet',
    httpStatus: 404,
    retryable: true,
    audience: 'user',
    fix: 'Start publishing; the playlist appears with the first finished segment.',
  },
  VD_API_NOTHING_RECORDED: {
    title: 'Nothing was recorded in that time',
    httpStatus: 404,
    retryable: true,
    audience: 'user',
    fix: 'Ask for another time; GET /api/streams/<id>/epochs lists when there was a publisher.',
  },
  VD_API_MEDIA_GONE: {
    title: 'What was recorded in that time is gone',
    httpStatus: 410,
    retryable: false,
    audience: 'user',
    fix: 'Ask for a later time. How long media is kept is set under Retention; a hold keeps it for longer.',
  },
  VD_API_PLAYLIST_AHEAD: {
    title: 'The playlist is asked to wait for media that lies too far ahead',
    httpStatus: 400,
    retryable: false,
    audience: 'developer',
    fix: 'Load the playlist without `_HLS_msn`, and go on from its end.',
  },
  VD_API_PLAYLIST_LATE: {
    title: 'The media that the playlist waited for did not come',
    httpStatus: 503,
    retryable: true,
    audience: 'user',
    fix: 'Ask again. If it stays like this, see whether the publisher still sends.',
  },
  VD_API_RANGE_UNSATISFIABLE: {
    title: 'The byte range lies outside the file',
    httpStatus: 416,
    retryable: false,
    audience: 'developer',
    fix: 'Ask for a range below the size in the Content-Range header.',
  },
  VD_API_BUSY: {
    title: 'Too many requests of this kind at once',
    httpStatus: 503,
    retryable: true,
    audience: 'developer',
    fix: 'Ask again when the requests under way are answered.',
  },
  VD_API_RATE_LIMITED: {
    title: 'Too many messages',
    httpStatus: 429,
    retryable: true,
    audience: 'developer',
    fix: 'Send less often; subscribe once with all topics.',
  },
  VD_API_TOPIC_REFUSED: {
    title: 'No such topic, or not for this user',
    httpStatus: 403,
    retryable: false,
    audience: 'developer',
    fix:
      'Topics are `streams`, `health`, `queues`, `runs`, for admins `refusals`, and `stream:<id>` of a stream that GET ' +
      '/api/streams lists.',
  },
});

export const apiError = errorFactory(apiErrors);
