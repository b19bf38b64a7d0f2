import { Global, Module } from '@nestjs/common';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VEDETTE_CONFIG, type VedetteConfig } from '../config/schema.js';
import { MODELS } from '../plugin-api/index.js';
import { OrtModels } from './ort-models.js';

/** `models/` of this package: what built-in plugins bring. */
const BUILT_IN_MODELS = fileURLToPath(new URL('../../../models', import.meta.url));

/** Models for analyzers, from `<dataDir>/models` and the package's own `models`. */
@Global()
@Module({
  providers: [
    {
      provide: MODELS,
      inject: [VEDETTE_CONFIG],
      useFactory: ({ dataDir }: VedetteConfig) => new OrtModels([join(dataDir, 'models'), BUILT_IN_MODELS]),
    },
  ],
  exports: [MODELS],
})
export class InferenceModule {}
