import { Module, type DynamicModule } from '@nestjs/common';
import { LOGGER, type VedetteLogger } from './logger.js';

/** Provides the role's logger under {@link LOGGER} everywhere. The logger is made before Nest, so that start-up itself is logged. */
@Module({})
export class ObservabilityModule {
  static forRole(logger: VedetteLogger): DynamicModule {
    return {
      module: ObservabilityModule,
      global: true,
      providers: [{ provide: LOGGER, useValue: logger }],
      exports: [LOGGER],
    };
  }
}
