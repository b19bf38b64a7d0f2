import { describe, it } from 'vitest';
import type { ImportDesk } from 'vedette/plugin';
import { describeSourceContract } from '../../src/core/plugin-testing/index.js';
import { fileImport } from '../support/fakes/fake-file-import.js';
import plugin from '../../src/adapters/file/index.js';

/** One file without an end, then none. */
function desk(): ImportDesk {
  let given = false;
  return {
    next: async (_, signal) => {
      if (!given) {
        given = true;
        return fileImport(signal);
      }
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      return undefined;
    },
  };
}

for (const definition of plugin.sources ?? []) {
  describeSourceContract({ describe, it }, definition, { config: () => ({}), inject: [desk()], refused: [{ path: '/etc/passwd' }] });
}
