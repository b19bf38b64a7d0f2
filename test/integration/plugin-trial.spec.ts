import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig, type LoadedConfig } from '../../src/core/config/load-config.js';
import { PluginSource } from '../../src/core/plugin-host/plugin-source.js';
import { tryPlugins } from '../../src/core/plugin-host/trial/try-plugins.js';
import { FROM_SOURCE } from '../support/analysis/host-pool.js';

const PLUGINS: Readonly<Record<string, string>> = {
  'good.mjs':
    "import { definePlugin } from 'vedette/plugin'; export default definePlugin({ id: 'good', version: '1.0.0', api: '^1.0.0' });",
  'exits.mjs': "console.error('no licence found'); process.exit(0);",
  'aborts.mjs': 'process.abort();',
  'spins.mjs': 'for (;;);',
  'waits.mjs': 'await new Promise(() => setInterval(() => {}, 1000));',
  'throws.mjs': "const openDoor = () => { throw new Error('the door is shut'); }; openDoor();",
  'nothing.mjs': 'export default 1;',
};

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'vedette-trial-'));
  for (const [name, text] of Object.entries(PLUGINS)) writeFileSync(join(home, name), text);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const configured = (entries: readonly object[]): LoadedConfig => {
  writeFileSync(join(home, 'vedette.config.yaml'), JSON.stringify({ plugins: entries }));
  return loadConfig({ env: {}, cwd: home });
};
const tried = async (...names: string[]) =>
  (await tryPlugins(configured(names.map((name) => ({ use: `./${name}` }))), { execArgv: FROM_SOURCE, loadTimeoutMs: 3_000 })).pluginFaults;

describe(tryPlugins.name, () => {
  it('finds out what each plugin does to a process that imports it, and tries those after it all the same', async () => {
    expect(
      await tried('exits.mjs', 'good.mjs', 'aborts.mjs', 'throws.mjs', 'nothing.mjs', 'waits.mjs', 'spins.mjs', 'missing.mjs'),
    ).toEqual([
      expect.objectContaining({
        use: './exits.mjs',
        code: 'VD_PLUGIN_LOAD_FAILED',
        message: './exits.mjs: its module ended the process while it was imported (process.exit(0)): no licence found',
      }),
      expect.objectContaining({
        use: './aborts.mjs',
        code: 'VD_PLUGIN_LOAD_FAILED',
        message: expect.stringContaining('SIGABRT') as string,
      }),
      expect.objectContaining({
        use: './throws.mjs',
        message: './throws.mjs: the door is shut',
        stack: expect.stringContaining('openDoor') as string,
      }),
      expect.objectContaining({ use: './nothing.mjs', code: 'VD_PLUGIN_INVALID' }),
      expect.objectContaining({ use: './waits.mjs', code: 'VD_PLUGIN_LOAD_TIMEOUT' }),
      expect.objectContaining({ use: './spins.mjs', code: 'VD_PLUGIN_LOAD_TIMEOUT' }),
      expect.objectContaining({ use: './missing.mjs', code: 'VD_PLUGIN_NOT_FOUND' }),
    ]);
  });

  it('starts no process where all plugins are ours, or disabled', async () => {
    const loaded = configured([{ use: './exits.mjs', enabled: false }]);
    expect((await tryPlugins(loaded, { entry: 'there is no such file' })).pluginFaults).toEqual([]);
  });

  it('is told to children, who import nothing that failed and keep its cause', async () => {
    const faults = await tried('throws.mjs');
    const told: LoadedConfig = { ...configured([{ use: './throws.mjs' }]), ...(faults === undefined ? {} : { pluginFaults: faults }) };
    expect(await tryPlugins(told, { entry: 'there is no such file' })).toBe(told);
    const source = new PluginSource({
      builtins: {},
      baseDir: home,
      faults: told.pluginFaults ?? [],
      importModule: () => expect.fail('it was imported'),
    });
    await expect(source.load('./throws.mjs')).rejects.toMatchObject({
      code: 'VD_PLUGIN_LOAD_FAILED',
      fix: expect.stringContaining('optional: true') as string,
      cause: { stack: expect.stringContaining('openDoor') as string },
    });
  });

  it('says so where no process can be started to try in', async () => {
    const loaded = configured([{ use: './good.mjs' }]);
    const { pluginFaults } = await tryPlugins(loaded, { entry: join(home, 'no-such-entry.mjs') });
    expect(pluginFaults).toEqual([expect.objectContaining({ use: './good.mjs', code: 'VD_PLUGIN_LOAD_FAILED' })]);
  });
});
