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
    fix: 'Check that PostgreSQL runs; the API goes on by itself when it is back.',
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
    fix: 'Mend the fields listed in `errors`.',
  },
  VD_API_NO_MEDIA: {
    title: 'The stream has no media yet',
    httpStatus: 404,
    retryable: true,
    audience: 'user',
    fix: 'Start publishing; the playlist appears with the first finished segment.',
  },
  VD_API_RANGE_UNSATISFIABLE: {
    title: 'The byte range lies outside the file',
    httpStatus: 416,
    retryable: false,
    audience: 'developer',
    fix: 'Ask for a range below the size in the Content-Range header.',
  },
  VD_API_BUSY: {
    title: 'Too much of this at once',
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
    fix: 'Topics are `streams`, `queues`, `runs` and `stream:<id>` of a stream that GET /api/streams lists.',
  },
});

export const apiError = errorFactory(apiErrors);
