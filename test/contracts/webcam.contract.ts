import { describe, it } from 'vitest';
import { describeSourceContract } from '../../src/core/plugin-testing/index.js';
import plugin from '../../src/adapters/webcam/index.js';

for (const definition of plugin.sources ?? []) {
  describeSourceContract({ describe, it }, definition, {
    config: () => ({ format: 'lavfi', device: 'demo' }),
    refused: [{}, { format: 'lavfi', device: '/etc/passwd' }],
  });
}
