/** `vedette/plugin`: everything a plugin may use. Nothing else of core is public. */
export * from './analyzer.js';
export type * from './audio.js';
export * from './box.js';
export * from './circuit-breaker.js';
export * from './display-name.js';
export * from './error.js';
export * from './execution-strategy.js';
export * from './frame.js';
export type * from './gate.js';
export * from './inference.js';
export type * from './injection.js';
export type * from './json.js';
export * from './plugin-logger.js';
export * from './media-access.js';
export * from './outside.js';
export * from './plugin.js';
export * from './references.js';
export type * from './result.js';
export type * from './segment.js';
export * from './source-adapter.js';
export * from './time.js';
export { MAX_LIVE_TRACKS, Tracker, type Trackable, type TrackerOptions } from './tracker/tracker.js';
export type * from './tracker/tracking-spec.js';
export * from './units.js';
export * from './whole-file.js';
/** The schema library of config, re-exported so that a single file is a working plugin. */
export { z } from 'zod';
