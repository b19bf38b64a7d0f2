import { Global, Module } from '@nestjs/common';
import { EGRESS, LOGGER, SECRETS, type Logger } from '../plugin-api/index.js';
import { AllowedEgress } from './allowed-egress.js';
import { CONFIG_ORIGIN } from './config.module.js';
import { ConfigSecrets } from './config-secrets.js';
import type { LoadedConfig } from './load-config.js';
import { VEDETTE_CONFIG, type VedetteConfig } from './schema.js';

/**
 * What plugins need to reach others' services: secrets that the config names, and the list of hosts. Needs the global ConfigModule and
 * ObservabilityModule.
 */
@Global()
@Module({
  providers: [
    {
      provide: SECRETS,
      inject: [CONFIG_ORIGIN, LOGGER],
      useFactory: ({ baseDir }: LoadedConfig, logger: Logger) => new ConfigSecrets(baseDir, logger),
    },
    { provide: EGRESS, inject: [VEDETTE_CONFIG], useFactory: ({ egress }: VedetteConfig) => new AllowedEgress(egress.allow) },
  ],
  exports: [SECRETS, EGRESS],
})
export class OutsideModule {}
