import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { ConfigModule } from '../core/config/config.module.js';
import type { LoadedConfig } from '../core/config/load-config.js';
import { createLogger } from '../core/observability/logger.js';
import { NestLogger } from '../core/observability/nest-logger.js';
import { ObservabilityModule } from '../core/observability/observability.module.js';
import { PluginHostModule } from '../core/plugin-host/plugin-host.module.js';
import { PluginRegistry } from '../core/plugin-host/plugin-registry.js';
import { tryPlugins } from '../core/plugin-host/trial/try-plugins.js';
import { BUILTIN_PLUGINS } from '../main.js';

/**
 * Loads every plugin's manifest and checks its config, as each role will, without starting anything.
 * @throws VD_PLUGIN_*
 */
export async function checkPlugins(given: LoadedConfig): Promise<PluginRegistry> {
  const loaded = await tryPlugins(given);
  const logger = createLogger({ role: 'cli', level: 'warn', format: loaded.config.log.format, destination: process.stderr });
  const module = {
    module: class PluginCheck {},
    imports: [
      ConfigModule.forRoot(loaded),
      ObservabilityModule.forRole(logger),
      PluginHostModule.forRole({ builtins: BUILTIN_PLUGINS, instantiate: [] }),
    ],
  };
  const app = await NestFactory.createApplicationContext(module, { logger: new NestLogger(logger), abortOnError: false });
  try {
    return app.get(PluginRegistry);
  } finally {
    await app.close();
  }
}
