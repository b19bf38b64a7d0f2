const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
/** Source of a regular expression for `<stream>/<epoch>/<file>`: a segment, or what stands before those of an epoch. */
export const SEGMENT_PATH = `(?:${UUID})/(?:${UUID})/(?:(?:\\d{6}|[1-9]\\d{6,8})\\.(?:ts|m4s)|init\\.mp4)`;
const WHOLE = new RegExp(`^${SEGMENT_PATH}$`);
/** Longer than any path or address of ours. */
export const MAX_ADDRESS_CHARS = 300;

/** Whether this is `<stream>/<epoch>/<file>` in the one form that the ledger writes. */
export const isSegmentPath = (path: string): boolean => path.length <= MAX_ADDRESS_CHARS && WHOLE.test(path);
