import { ANALYSIS_HOST_POOL, definePlugin, defineStrategy, z, type AnalysisHostPool } from 'vedette/plugin';
import { LocalStrategy } from './local-strategy.js';

/** Runs analyzers in the analysis hosts of the worker that holds the job. */
export default definePlugin({
  id: 'strategy-local',
  version: '1.0.0',
  api: '^1.0.0',
  strategies: [
    defineStrategy({
      id: 'local',
      version: '1.0.0',
      title: 'On this worker',
      config: z.strictObject({}),
      inject: [ANALYSIS_HOST_POOL],
      create: (_config, pool: AnalysisHostPool) => new LocalStrategy(pool),
    }),
  ],
});
