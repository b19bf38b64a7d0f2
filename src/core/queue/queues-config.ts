import type { VedetteConfig } from '../config/schema.js';

/** Nest token of {@link QueuesConfig}. */
export const QUEUES_CONFIG = Symbol.for('vedette.queues-config');

export type QueuesConfig = VedetteConfig['queues'];
