/** Units of configuration live on the public surface, so that plugins' schemas speak the same language as core's. */
export { durationMs, sizeBytes } from '../plugin-api/index.js';
