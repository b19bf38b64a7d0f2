import { MINUTE_MS } from '../../plugin-api/index.js';

/** A block holds what is of so much time; blocks of a list do not reach into each other, those of stragglers aside. */
export const WINDOW_MS = 10 * MINUTE_MS;
export const WINDOW_US = WINDOW_MS * 1000;

/** Where the window begins that an instant is in. */
export const windowOf = (atMs: number): number => Math.floor(atMs / WINDOW_MS) * WINDOW_MS;
