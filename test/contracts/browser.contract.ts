import { describe, it } from 'vitest';
import { ingestError } from '../../src/core/errors/ingest.errors.js';
import type { Logger, PageGate } from '../../src/core/plugin-api/index.js';
import { describeSourceContract } from '../../src/core/plugin-testing/index.js';
import plugin from '../../src/adapters/browser/index.js';

const closedGate: PageGate = {
  reachableAt: () => undefined,
  admit: () => Promise.reject(ingestError('VD_INGEST_PERMIT_INVALID', 'nobody is let in')),
};
const silent: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

for (const definition of plugin.sources ?? []) {
  describeSourceContract({ describe, it }, definition, {
    config: () => ({ host: '127.0.0.1', port: 0 }),
    inject: [closedGate, silent],
    refused: [{ port: -1 }, { url: 'file:///etc/passwd' }, { maxPublishers: 0 }, { silenceTimeout: '1ms' }],
  });
}
