/** Version of what the two ends say to each other; both must be of the same. */
export const PROTOCOL_VERSION = 2;
/** Service type under which hosts announce themselves: `_vedette._tcp`. */
export const SERVICE_TYPE = 'vedette';

export const MIN_TOKEN_CHARS = 32;
/** The one who connects must have proved itself within this time. */
export const HANDSHAKE_TIMEOUT_MS = 5_000;
/** How often a host reports its own state and that of each job under way. */
export const BEAT_MS = 1_000;
/** A host, or a job, of which nothing is heard for longer has gone silent. */
export const SILENCE_MS = 3_000;

/** Bodies of a handshake: a few hundred bytes are needed. */
export const MAX_HANDSHAKE_BYTES = 4_096;
/** One line of a stream. The largest are batches of results, and checkpoints. */
export const MAX_LINE_BYTES = 8 * 1024 * 1024;
export const MAX_JOB_BYTES = 32 * 1024 * 1024;
/** All that a host says of one job. */
export const MAX_ANSWER_BYTES = 256 * 1024 * 1024;
export const MAX_REFERENCES_BYTES = 256 * 1024 * 1024;
/** Results are sent in batches of about this size. */
export const BATCH_BYTES = 256 * 1024;
export const MAX_TASKS = 256;
export const MAX_ANALYZERS = 1_024;
