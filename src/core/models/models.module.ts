import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { VEDETTE_CONFIG, type VedetteConfig } from '../config/schema.js';
import { ModelFacts } from './model-facts.js';
import { MAX_MODEL_BYTES } from '../inference/model-file.js';
import { ModelRegistry } from './model-registry.js';
import { MAX_UPLOAD_BYTES, ModelUploads } from './model-upload.js';

/** The registry of models, for whoever manages them; analysis hosts only open them. */
@Module({
  providers: [
    { provide: ModelRegistry, inject: [VEDETTE_CONFIG], useFactory: (config: VedetteConfig) => ModelRegistry.of(config) },
    { provide: ModelFacts, inject: [ModelRegistry], useFactory: (registry: ModelRegistry) => new ModelFacts(registry.catalogue) },
    { provide: MAX_UPLOAD_BYTES, useValue: MAX_MODEL_BYTES },
    ModelUploads,
  ],
  exports: [ModelRegistry, ModelUploads, ModelFacts],
})
export class ModelsModule implements OnApplicationShutdown {
  constructor(private readonly registry: ModelRegistry) {}

  async onApplicationShutdown(): Promise<void> {
    await this.registry.close();
  }
}
