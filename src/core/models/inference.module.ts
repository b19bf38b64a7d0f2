import { join } from 'node:path';
import { Global, Module } from '@nestjs/common';
import { VEDETTE_CONFIG, type VedetteConfig } from '../config/schema.js';
import { ModelCatalogue } from './model-catalogue.js';
import { LOGGER, type VedetteLogger } from '../observability/logger.js';
import { MODELS } from '../plugin-api/index.js';
import { ModelProbe } from '../inference/model-probe.js';
import { OrtModels } from '../inference/ort-models.js';
import { Providers } from '../inference/providers.js';

/** Models for analyzers, from `<dataDir>/models` and the package's own `models`. */
@Global()
@Module({
  providers: [{ provide: MODELS, inject: [VEDETTE_CONFIG, LOGGER], useFactory: createModels }],
  exports: [MODELS],
})
export class InferenceModule {}

function createModels(config: VedetteConfig, logger: VedetteLogger): OrtModels {
  const catalogue = ModelCatalogue.of(config);
  const probe = ModelProbe.of(config);
  return new OrtModels(catalogue.folders, {
    probe,
    preferred: config.inference.providers,
    providers: Providers.of(config),
    registered: (id) => catalogue.resolve(id),
    copies: join(config.dataDir, 'model-copies'),
    logger: logger.child({ component: 'models' }),
  });
}
