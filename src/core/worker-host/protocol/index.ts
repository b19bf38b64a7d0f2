/**
 * `vedette/worker-host`: how one speaks to a worker host. For execution strategies that send jobs to one; everything here is
 * of {@link PROTOCOL_VERSION}, and both ends must be of the same.
 */
export * from './errors.js';
export * from './limits.js';
export * from './mdns.js';
export * from './messages.js';
export * from './ndjson.js';
export * from './proof.js';
export * from './reference-bytes.js';
