import { Global, Module } from '@nestjs/common';
import { EGRESS, FOLDERS, LOGGER, SECRETS, type Logger } from '../plugin-api/index.js';
import { AllowedEgress } from './allowed-egress.js';
import { AllowedFolders } from './allowed-folders.js';
import { CONFIG_ORIGIN } from './config.module.js';
import { ConfigSecrets } from './config-secrets.js';
import type { LoadedConfig } from './load-config.js';
import { VEDETTE_CONFIG, type VedetteConfig } from './schema.js';

/**
 * What plugins need to reach what is not Vedette's: secrets that the config names, the list of hosts, and that of folders. Needs the global
 * ConfigModule and ObservabilityModule.
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
    {
      provide: FOLDERS,
      inject: [VEDETTE_CONFIG, CONFIG_ORIGIN],
      useFactory: ({ ingest }: VedetteConfig, { baseDir }: LoadedConfig) => new AllowedFolders(ingest.folders, baseDir),
    },
  ],
  exports: [SECRETS, EGRESS, FOLDERS],
})
export class OutsideModule {}
