import { describe, expect, it } from 'vitest';
import { loadedLater, packagesLoadedBy } from './support/loaded-packages.js';
import { sources, textOf } from './support/tree.js';

const MAIN = 'src/main.ts';
const BUILT_INS = sources().filter((file) => /^src\/(plugins|adapters)\/[^/]+\/index\.ts$/.test(file));
const STARTERS = Object.fromEntries(
  /const STARTERS[^{]*\{$(.*?)^\};/ms
    .exec(textOf(MAIN))![1]!
    .split(/^ {2}(?='?[\w-]+'?: async)/m)
    .slice(1)
    .map((text) => [/^'?([\w-]+)/.exec(text)![1]!, loadedLater(MAIN, text)]),
);
/** What a role loads by itself while it starts, so that its first work does not wait for it. */
const RUN_HOST = 'src/core/analysis/host/run-analysis-host.ts';
const BEFORE_READY: Readonly<Record<string, readonly string[]>> = { 'analysis-host': loadedLater(RUN_HOST) };
/** Each process, and what it loads before it has anything to do: every role knows every plugin. */
const packagesOf = (role: string): string[] => packagesLoadedBy([MAIN, ...STARTERS[role]!, ...BUILT_INS, ...(BEFORE_READY[role] ?? [])]);

const NATIVE = ['node-av', 'onnxruntime-node', 'sharp'];
const WHEN_ASKED = ['@aws-sdk', '@google-cloud', 'openai', 'simple-icons', 'selfsigned', 'bonjour-service', 'yaml'];
const DATABASE = ['pg', 'typeorm', '@nestjs/typeorm', 'bullmq', '@nestjs/bullmq', 'ioredis'];
const HTTP = ['express', '@nestjs/platform-express', '@nestjs/platform-ws', '@nestjs/websockets', 'helmet'];

describe('what a process of ours loads', () => {
  it('is known of every role', () => {
    expect(Object.keys(STARTERS).sort()).toEqual(['analysis-host', 'api', 'ingest', 'worker', 'worker-host']);
    for (const [role, roots] of Object.entries(STARTERS)) expect(roots, role).not.toEqual([]);
    // So that nothing is found missing for not having been looked for.
    expect(packagesOf('api')).toEqual(expect.arrayContaining(['@nestjs/core', 'zod', 'typeorm', 'bullmq', 'helmet']));
    expect(packagesOf('analysis-host')).toContain('node-av');
  });

  it('is next to nothing of the supervisor, which stays for as long as everything runs', () => {
    const up = 'src/cli/up/run-up.ts';
    const later = loadedLater('src/cli/main.ts');
    expect(later).toContain(up);
    const roots = ['src/cli/main.ts', ...later.filter((file) => file !== 'src/cli/command-line.ts')];
    expect(packagesLoadedBy(roots)).toEqual(['pg', 'pino']);
  });

  it.each([
    ['api', [...NATIVE, ...WHEN_ASKED, 'fluent-ffmpeg']],
    ['ingest', [...NATIVE, ...WHEN_ASKED, ...HTTP]],
    ['worker', [...NATIVE, ...WHEN_ASKED, ...HTTP, 'fluent-ffmpeg']],
    ['worker-host', [...NATIVE, ...DATABASE, ...HTTP, ...WHEN_ASKED.filter((name) => name !== 'selfsigned' && name !== 'bonjour-service')]],
    ['analysis-host', [...DATABASE, ...HTTP, ...WHEN_ASKED, 'fluent-ffmpeg', 'onnxruntime-node', 'sharp']],
  ])('%s: nothing that it does not need, or only when asked', (role, absent) => {
    const loaded = packagesOf(role);
    expect(loaded.filter((name) => absent.some((one) => name === one || name.startsWith(`${one}/`)))).toEqual([]);
  });
});
