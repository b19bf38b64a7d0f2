import type { DynamicModule, INestApplicationContext, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ConfigModule } from '../../../src/core/config/config.module.js';
import { vedetteConfigSchema } from '../../../src/core/config/schema.js';
import { MediaStoreModule } from '../../../src/core/media/store/media-store.module.js';
import { createLogger } from '../../../src/core/observability/logger.js';
import { ObservabilityModule } from '../../../src/core/observability/observability.module.js';
import type { ExecutionStrategy } from '../../../src/core/plugin-api/index.js';
import { PluginRegistry } from '../../../src/core/plugin-host/plugin-registry.js';
import { pipelineRegistry } from '../../integration/support/pipeline-registry.js';
import type { Ground } from './stack.js';

export const QUEUE = 'default';

export interface SideOptions extends Pick<Ground, 'databaseUrl' | 'redisUrl' | 'mediaDir'> {
  /** Jobs at once. */
  readonly concurrency: number;
}

/** The modules of one role with everything real but the plugins: one analyzer in name, and the strategy given. */
export function openSide(
  { databaseUrl, redisUrl, mediaDir, concurrency }: SideOptions,
  modules: readonly (DynamicModule | Type)[],
  strategy?: ExecutionStrategy,
): Promise<INestApplicationContext> {
  const config = vedetteConfigSchema.parse({
    mediaDir,
    database: { url: databaseUrl },
    ...(redisUrl === undefined ? {} : { redis: { url: redisUrl } }),
    // A backlog is what is measured here: none of it may be skipped for its age.
    queues: { defaultConcurrency: concurrency, maxLag: '1h' },
  });
  const plugins = {
    module: class ScalePlugins {},
    global: true,
    providers: [{ provide: PluginRegistry, useValue: pipelineRegistry(strategy) }],
    exports: [PluginRegistry],
  };
  return NestFactory.createApplicationContext(
    {
      module: class ScaleRole {},
      imports: [
        ConfigModule.forRoot({ config, file: null, baseDir: mediaDir }),
        ObservabilityModule.forRole(createLogger({ role: 'bench', level: 'warn', format: 'pretty' })),
        plugins,
        MediaStoreModule,
        ...modules,
      ],
    },
    { logger: ['error', 'warn'], abortOnError: false },
  );
}
