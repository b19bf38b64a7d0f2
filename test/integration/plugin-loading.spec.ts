import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../..');
const HELLO = join(ROOT, 'plugins-examples/hello-analyzer');

let home: string;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'vedette-plugins-'));
  const installed = join(home, 'node_modules', 'vedette-plugin-hello');
  mkdirSync(installed, { recursive: true });
  cpSync(join(HELLO, 'package.json'), join(installed, 'package.json'));
  // As its author would publish it: compiled, with no vedette, zod or nest of its own.
  await run(process.execPath, [
    join(ROOT, 'node_modules/typescript/bin/tsc'),
    '-p',
    join(HELLO, 'tsconfig.json'),
    '--outDir',
    join(installed, 'dist'),
  ]);
}, 60_000);
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** What `vedette doctor` says where the config names plugins outside our tree. */
async function doctor(plugins: readonly object[], files: Record<string, string> = {}): Promise<string> {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(home, name), text);
  const port = { use: 'vedette/rtmp', sources: { rtmp: { port: 0 } } };
  writeFileSync(join(home, 'vedette.config.yaml'), JSON.stringify({ plugins: [port, ...plugins] }));
  const { stdout } = await run(process.execPath, [join(ROOT, 'dist/cli/main.js'), 'doctor'], { cwd: home }).catch(
    (failed: { stdout: string }) => failed,
  );
  return stdout;
}

/** The lines of it that speak of plugins. */
async function pluginFinding(plugins: readonly object[], files: Record<string, string> = {}): Promise<string> {
  const stdout = await doctor(plugins, files);
  const finding = stdout.split('\n').findIndex((line) => /^(ok|FAIL) +plugins/.test(line));
  return stdout
    .split('\n')
    .slice(finding, finding + 2)
    .join('\n');
}

const door = (config: string): string => `
  import { Injectable } from '@nestjs/common';
  import { defineAnalyzer, definePlugin, z, type Frame } from 'vedette/plugin';
  import { PROTOCOL_VERSION } from 'vedette/worker-host';
  import { z as direct } from 'zod';

  if (typeof PROTOCOL_VERSION !== 'number') throw new Error('The plugin cannot speak to worker hosts');
  if (direct !== z) throw new Error('The plugin got another zod than the host');
  if (typeof Injectable !== 'function') throw new Error('The plugin got no Nest');

  const count = (frames: readonly Frame[]): number => frames.length;
  export default definePlugin({ id: 'acme.door', version: '1.0.0', api: '^1.0.0', analyzers: [defineAnalyzer({
    id: 'acme.door.watch', version: '1.0.0', title: 'Door watch', queue: 'doors', solves: ['door'],
    config: z.object(${config}),
    input: { sampling: { keyframes: true }, frame: { widthPx: 64, heightPx: 36, fit: 'inside', format: 'gray8' } },
    create: () => ({ process: (frames) => void count(frames) }),
  })] });
`;

describe('plugins outside our tree', () => {
  it('load as a package installed beside the config file', async () => {
    expect(await pluginFinding([{ use: 'vedette-plugin-hello', analyzers: { 'hello.brightness': { config: { name: 'x' } } } }])).toMatch(
      /^ok .*\bhello\b/,
    );
  });

  it("load as a single TypeScript file, with the host's own copies of what they import", async () => {
    expect(await pluginFinding([{ use: './door.ts' }], { 'door.ts': door('{}') })).toMatch(/^ok .*\bacme\.door\b/);
  });

  it('have their config checked by their own schema', async () => {
    const entry = { use: './door.ts', analyzers: { 'acme.door.watch': { config: { minscore: 1 } } } };
    const finding = await pluginFinding([entry], { 'door.ts': door('{ minScore: z.number() }') });
    expect(finding).toContain('VD_PLUGIN_CONFIG_INVALID');
    expect(finding).toContain('minscore is not an option; did you mean minScore?');
  });

  it('are told apart: one that is not installed, one whose own import is missing, one that is broken', async () => {
    expect(await pluginFinding([{ use: 'vedette-plugin-nowhere' }])).toContain('VD_PLUGIN_NOT_FOUND');
    expect(await pluginFinding([{ use: './a.mjs' }], { 'a.mjs': "import 'nowhere';" })).toContain('VD_PLUGIN_LOAD_FAILED');
    expect(await pluginFinding([{ use: './b.mjs' }], { 'b.mjs': 'export default {' })).toContain('VD_PLUGIN_LOAD_FAILED');
  });

  it('neither end the program, nor keep it, when they are imported, and are told of once', async () => {
    const files = { 'exits.mjs': 'process.exit(3);', 'lingers.mjs': 'setInterval(() => {}, 1000); throw new Error("shut");' };
    const report = await doctor([{ use: './exits.mjs', optional: true }, { use: './lingers.mjs' }], files);
    expect(report.match(/VD_PLUGIN_LOAD_FAILED \.\/lingers\.mjs: shut/g)).toHaveLength(1);
    expect(report).toContain('ports      not looked at');
    const lenient = await doctor([
      { use: './exits.mjs', optional: true },
      { use: './lingers.mjs', optional: true },
    ]);
    expect(lenient).toMatch(/^ok +plugins .*\.\/exits\.mjs \(failed\), \.\/lingers\.mjs \(failed\)/m);
  });

  it('leave the rest running when they are optional', async () => {
    const finding = await pluginFinding([{ use: './b.mjs', optional: true }, { use: 'vedette-plugin-hello' }], {
      'b.mjs': 'throw new Error("no")',
    });
    expect(finding).toMatch(/^ok .*\.\/b\.mjs \(failed\), hello/);
  });
});
