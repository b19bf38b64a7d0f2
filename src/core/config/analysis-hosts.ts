import { availableParallelism } from 'node:os';
import type { VedetteConfig } from './schema.js';

/** Analysis hosts that a worker of this machine has at most. */
export const analysisHosts = ({ analysis }: Pick<VedetteConfig, 'analysis'>): number => analysis.hosts || availableParallelism();
