import { Module, type DynamicModule } from '@nestjs/common';
import { CHILD_CONFINEMENT, childConfinement } from './child-confinement.js';
import type { LoadedConfig } from './load-config.js';
import { VEDETTE_CONFIG } from './schema.js';

/** Nest token of the {@link LoadedConfig}: the config with where it was read from. */
export const CONFIG_ORIGIN = Symbol.for('vedette.config-origin');

/** Provides the config under {@link VEDETTE_CONFIG} everywhere. It is loaded before Nest, so that a bad one stops the start. */
@Module({})
export class ConfigModule {
  static forRoot(loaded: LoadedConfig): DynamicModule {
    return {
      module: ConfigModule,
      global: true,
      providers: [
        { provide: VEDETTE_CONFIG, useValue: loaded.config },
        { provide: CONFIG_ORIGIN, useValue: loaded },
        { provide: CHILD_CONFINEMENT, useFactory: () => childConfinement(loaded) },
      ],
      exports: [VEDETTE_CONFIG, CONFIG_ORIGIN, CHILD_CONFINEMENT],
    };
  }
}
