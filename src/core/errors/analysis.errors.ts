import { errorTable, errorFactory } from './errors.js';

/** What can go wrong between a job and its results. */
export const analysisErrors = errorTable({
  VD_ANALYSIS_HOST_CRASHED: {
    title: 'An analysis host died',
    httpStatus: 503,
    retryable: true,
    audience: 'operator',
    fix: 'Vedette tries the segment again. If the same analyzer is named each time, update or disable its plugin.',
  },
  VD_ANALYSIS_TIMEOUT: {
    title: 'A segment took too long to analyse',
    httpStatus: 504,
    retryable: true,
    audience: 'operator',
    fix: 'Lower the sampling of the analyzers on this queue, or raise analysis.jobTimeout.',
  },
  VD_ANALYSIS_MEMORY: {
    title: 'An analysis host grew past its memory limit',
    httpStatus: 503,
    retryable: true,
    audience: 'operator',
    fix: 'Raise analysis.memoryLimit, or use smaller models and frames.',
  },
  VD_ANALYSIS_LIBAV: {
    title: 'libav refused the media',
    httpStatus: 422,
    retryable: false,
    audience: 'operator',
    fix: 'Set the encoder to H.264 in 4:2:0 with 8 bits, progressive, and report what libav said here with a segment of the stream.',
  },
  VD_ANALYSIS_NO_MEMORY: {
    title: 'libav could not allocate memory',
    httpStatus: 503,
    retryable: true,
    audience: 'operator',
    fix: 'Vedette tries the segment again. Give the machine or the container more memory, or lower analysis.hosts.',
  },
  VD_ANALYSIS_INTERNAL: {
    title: 'A segment could not be analysed',
    httpStatus: 500,
    retryable: true,
    audience: 'developer',
    fix: 'This is a fault of Vedette: report it with the log lines of the analysis host.',
  },
  VD_ANALYSIS_ABORTED: {
    title: 'The analysis was cancelled',
    httpStatus: 503,
    retryable: true,
    audience: 'operator',
    fix: 'Nothing to do: the worker that takes over tries the segment again.',
  },
  VD_ANALYSIS_UNAVAILABLE: {
    title: 'No analysis host is running',
    httpStatus: 503,
    retryable: true,
    audience: 'operator',
    fix: 'Read the log lines of the role analysis-host above this one: they say why it does not start.',
  },
  VD_ANALYSIS_PATH: {
    title: 'The segment is not a file of the media folder',
    httpStatus: 422,
    retryable: false,
    audience: 'operator',
    fix: 'Keep links and special files out of the media folder.',
  },
  VD_ANALYSIS_READ_FAILED: {
    title: 'The segment could not be read',
    httpStatus: 503,
    retryable: true,
    audience: 'operator',
    fix: 'Check that the media folder is mounted here and readable, and that retention is longer than the backlog.',
  },
  VD_ANALYSIS_CONFIG_MISMATCH: {
    title: 'The analyzer of this job is not loaded here',
    httpStatus: 409,
    retryable: true,
    audience: 'operator',
    fix: 'Restart all workers after a change of plugins or of their config.',
  },
  VD_ANALYSIS_ANALYZER_FAILED: {
    title: 'An analyzer failed',
    httpStatus: 500,
    retryable: true,
    audience: 'developer',
    fix: "The analyzer threw an error: report it to the plugin's author, or disable the analyzer.",
  },
  VD_ANALYSIS_REFERENCES_UNAVAILABLE: {
    title: 'An analyzer could not be given its reference images',
    httpStatus: 503,
    retryable: true,
    audience: 'operator',
    fix: 'Check that the database answers; Vedette tries the segment again.',
  },
  VD_ANALYSIS_PICTURE_SIZE: {
    title: 'A picture does not fit into the bytes it may take',
    httpStatus: 422,
    retryable: false,
    audience: 'operator',
    fix: 'Raise pictures.maxBytes of the strategy that asks for it.',
  },
  VD_ANALYZER_BAD_RESULT: {
    title: 'An analyzer gave a result that cannot be kept',
    httpStatus: 500,
    retryable: false,
    audience: 'developer',
    fix:
      'Emit finite numbers, scores within 0..1, boxes from Box, pts of the media at hand, and no more than RESULT_LIMITS of ' +
      'vedette/plugin allows.',
  },
  VD_ANALYZER_EVIDENCE_REFUSED: {
    title: 'A picture could not be kept as evidence of an event',
    httpStatus: 500,
    retryable: false,
    audience: 'developer',
    fix:
      "Set evidence: true in the analyzer's input, give a box from Box, a rank within 0..1 and the pts of a picture of the segment, " +
      'tell of the event in the same segment, and ask for no more than RESULT_LIMITS.evidencePerRun. The other results are kept.',
  },
});

export const analysisError = errorFactory(analysisErrors);
