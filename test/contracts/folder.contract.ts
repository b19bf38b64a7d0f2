import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rm } from 'node:fs/promises';
import { afterAll, describe, it } from 'vitest';
import { AllowedFolders } from '../../src/core/config/allowed-folders.js';
import { describeSourceContract } from '../../src/core/plugin-testing/index.js';
import plugin from '../../src/adapters/folder/index.js';

const folder = mkdtempSync(join(tmpdir(), 'vd-folder-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

for (const definition of plugin.sources ?? []) {
  describeSourceContract({ describe, it }, definition, {
    config: () => ({ path: folder, name: 'cam' }),
    inject: [new AllowedFolders([folder], '/')],
    refused: [{}, { path: 'hls' }, { path: folder, name: '../cam' }, { path: folder, name: '.cam' }, { path: folder, files: '../*.ts' }],
  });
}
