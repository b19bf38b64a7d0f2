import { fileURLToPath } from 'node:url';
import { describe, it } from 'vitest';
import { describeAnalyzerContract } from '../../src/core/plugin-testing/index.js';
import { OrtModels } from '../../src/core/inference/ort-models.js';
import plugin from '../../src/plugins/object-detection/index.js';

const models = new OrtModels([fileURLToPath(new URL('../../models', import.meta.url))]);
for (const definition of plugin.analyzers ?? [])
  describeAnalyzerContract({ describe, it }, definition, { config: { minScore: 0.05 }, inject: [models] });
