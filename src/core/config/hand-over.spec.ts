import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FROM_SOURCE } from '../../../test/support/analysis/host-pool.js';
import { forkModule } from '../children/child-process.js';
import { nodeEnvironment } from './child-environment.js';
import { roleHandOver, takeHandOver } from './hand-over.js';
import { hostHandOver } from './host-hand-over.js';
import { vedetteConfigSchema } from './schema.js';

const SECRET = 'hush-hush-hush-hush-hush-hush-hush';
const loaded = {
  config: vedetteConfigSchema.parse({
    database: { url: `postgres://u:${SECRET}@h/d` },
    redis: { url: `redis://:${SECRET}@h` },
    workerHost: { token: SECRET },
    queues: { lease: '7s' },
  }),
  file: '/etc/vedette.config.yaml',
  baseDir: '/etc',
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-hand-over-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe(roleHandOver.name, () => {
  it('gives a role the address of the running database and the variables its environment does not have', () => {
    const handed = roleHandOver(loaded, 'postgres://embedded', { PATH: '/bin', OPENAI_API_KEY: SECRET });
    expect(handed.loaded.config.database.url).toBe('postgres://embedded');
    expect(handed.variables).toEqual({ OPENAI_API_KEY: SECRET });
  });
});

describe(hostHandOver.name, () => {
  it('gives an analysis host the config without a secret in it', () => {
    const handed = hostHandOver(loaded);
    expect(JSON.stringify(handed)).not.toContain(SECRET);
    expect(handed.loaded.config.queues).toEqual(loaded.config.queues);
    expect(loaded.config.database.url).toContain(SECRET);
  });
});

describe(takeHandOver.name, () => {
  it('finds nothing in a process that was started by hand', () => {
    const environment = { DATABASE_URL: 'x' };
    expect(takeHandOver(environment)).toBeUndefined();
    expect(environment).toEqual({ DATABASE_URL: 'x' });
  });

  it.runIf(process.platform === 'linux')('gets everything by a pipe: neither environment nor command line shows it', async () => {
    const entry = join(folder, 'child.mjs');
    writeFileSync(
      entry,
      `import { takeHandOver } from ${JSON.stringify(new URL('./hand-over.ts', import.meta.url).href)};
       const handed = takeHandOver();
       process.on('message', () => process.exit());
       process.send({ lease: handed.loaded.config.queues.lease, key: process.env.OPENAI_API_KEY, again: takeHandOver() ?? 'nothing' });`,
    );
    const child = forkModule(entry, [], {
      env: nodeEnvironment(),
      execArgv: FROM_SOURCE,
      handOver: roleHandOver(loaded, 'postgres://embedded', { OPENAI_API_KEY: SECRET }),
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    try {
      expect((await once(child, 'message'))[0]).toEqual({ lease: 7_000, key: SECRET, again: 'nothing' });
      for (const what of ['environ', 'cmdline']) expect(readFileSync(`/proc/${child.pid}/${what}`, 'utf8')).not.toContain(SECRET);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
