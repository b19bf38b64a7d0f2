import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/until.js';

const ROLE_ENTRY = resolve(import.meta.dirname, '../../dist/main.js');

/** A plugin whose provider does something when it is made. */
const plugin = (id: string, does: string): string => `
  import { defineAnalyzer, definePlugin, z } from 'vedette/plugin';
  class Door { constructor() { ${does} } }
  export default definePlugin({ id: '${id}', version: '1.0.0', api: '^1.0.0',
    providers: [Door, { provide: 'ready', useFactory: () => new Promise((resolve) => setTimeout(resolve, 100)) }],
    analyzers: [defineAnalyzer({
      id: '${id}', version: '1.0.0', title: 'Door', queue: 'default', solves: ['door'], config: z.object({}),
      input: { sampling: { keyframes: true }, frame: { widthPx: 64, heightPx: 36, fit: 'inside', format: 'gray8' } },
      create: () => ({ process: () => undefined }),
    })],
  });`;

const PLUGINS: Readonly<Record<string, string>> = {
  exits: plugin('exits', 'process.exit(0);'),
  rejects: plugin('rejects', 'void Promise.reject(new Error("no licence found"));'),
  'exits-later': plugin('exits-later', 'setTimeout(() => process.exit(0), 10);'),
  'throws-after': plugin('throws-after', 'setTimeout(() => { throw new Error("the door is shut"); }, 1500);'),
};

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'vedette-exits-'));
  for (const [name, text] of Object.entries(PLUGINS)) writeFileSync(join(home, `${name}.mjs`), text);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Runs a role that makes instances of analyzers until it is ready or has ended. */
async function host(...entries: readonly object[]) {
  const config = join(home, `${Math.random()}.yaml`);
  writeFileSync(config, JSON.stringify({ dataDir: join(home, 'data'), log: { format: 'json' }, plugins: entries }));
  const child = fork(ROLE_ENTRY, ['analysis-host'], {
    cwd: home,
    env: { PATH: process.env['PATH'], VEDETTE_CONFIG: config },
    execArgv: [],
    silent: true,
  });
  const news: Record<string, unknown>[] = [];
  let log = '';
  let exitCode: number | null | undefined;
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (log += text));
  child.on('message', (message) => news.push(message as Record<string, unknown>));
  child.once('close', (code) => (exitCode = code));
  return {
    ready: () => until('the role is ready', () => news.find(({ type }) => type === 'ready'), 60_000),
    failed: async () => {
      await until('the role has ended', () => exitCode !== undefined, 60_000);
      return { exitCode, error: news.find(({ type }) => type === 'failed')?.['error'] };
    },
    logged: (text: string) => until(`the log says ${text}`, () => log.split('\n').find((line) => line.includes(text)), 60_000),
    end: () => child.kill('SIGKILL'),
  };
}

describe('a plugin that ends its process when its role sets it up', () => {
  it('is a coded error that names it', async () => {
    const role = await host({ use: './exits.mjs' });
    expect(await role.failed()).toEqual({
      exitCode: 1,
      error: expect.objectContaining({ code: 'VD_PLUGIN_EXIT', message: './exits.mjs: it called process.exit(0)' }),
    });
  });

  it('is left out where it is optional, as one is that throws where nobody catches it; the rest runs', async () => {
    const use = ['./exits.mjs', './exits-later.mjs', './rejects.mjs'];
    const role = await host(...use.map((one) => ({ use: one, optional: true })));
    await role.ready();
    expect(await role.logged('exits.mjs')).toContain('VD_PLUGIN_EXIT');
    expect(await role.logged('exits-later.mjs')).toContain('VD_PLUGIN_EXIT');
    expect(await role.logged('rejects.mjs')).toContain('no licence found');
    role.end();
  });

  it('is named where it throws once the role runs', async () => {
    const role = await host({ use: './throws-after.mjs', optional: true });
    await role.ready();
    expect(await role.failed()).toEqual({
      exitCode: 1,
      error: expect.objectContaining({ code: 'VD_PLUGIN_CRASHED', message: './throws-after.mjs: the door is shut' }),
    });
  });
});
