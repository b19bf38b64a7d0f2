import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { VEDETTE_CONFIG, type VedetteConfig } from '../config/schema.js';
import { ModelFacts } from './model-facts.js';
import { ModelRegistry } from './model-registry.js';
import { ModelUploads } from './model-upload.js';

/** The registry of models, for whoever manages them; analysis hosts only open them. */
@Module({
  providers: [
    { provide: ModelRegistry, inject: [VEDETTE_CONFIG], useFactory: (config: VedetteConfig) => ModelRegistry.of(config) },
    { provide: ModelFacts, inject: [ModelRegistry], useFactory: (registry: ModelRegistry) => new ModelFacts(registry.catalogue) },
    { provide: ModelUploads, inject: [ModelRegistry], useFactory: (registry: ModelRegistry) => new ModelUploads(registry) },
  ],
  exports: [ModelRegistry, ModelUploads, ModelFacts],
})
export class ModelsModule implements OnApplicationShutdown {
  constructor(@Inject(ModelRegistry) private readonly registry: ModelRegistry) {}

  async onApplicationShutdown(): Promise<void> {
    await this.registry.close();
  }
}
