import { describe, it } from 'vitest';
import type { PublishGate } from '../../src/core/plugin-api/index.js';
import { describeSourceContract } from '../../src/core/plugin-testing/index.js';
import plugin from '../../src/adapters/rtmp/index.js';

const closedGate: PublishGate = { authorise: () => Promise.resolve({ refused: 'VD_INGEST_KEY_UNKNOWN' }), refused: () => undefined };

for (const definition of plugin.sources ?? []) {
  describeSourceContract({ describe, it }, definition, {
    config: () => ({ host: '127.0.0.1', port: 0 }),
    inject: [closedGate],
    refused: [{ port: -1 }, { apps: ['../x'] }],
  });
}
