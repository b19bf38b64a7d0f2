import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AnalysisHostPool } from '../plugin-api/index.js';
import { prepareWorkerHost, type RunningWorkerHost, type WorkerHostSettings } from './prepare-worker-host.js';

const TOKEN = '0123456789abcdef0123456789abcdef';
const pool: AnalysisHostPool = {
  load: () => ({ capacity: 1, running: 0, waiting: 0 }),
  execute: () => Promise.reject(new Error('no job was expected')),
  discard: () => undefined,
  health: () => ({ status: 'up' }),
};
const surroundings = {
  analyzers: [],
  pool,
  references: { revision: () => Promise.resolve(0), put: () => undefined },
  logger: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
};

describe(prepareWorkerHost.name, () => {
  let folder: string;
  const running: RunningWorkerHost[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vedette-worker-host-'));
  });
  afterEach(async () => {
    for (const host of running.splice(0)) await host.close();
    await rm(folder, { recursive: true });
  });
  const prepare = (settings: Partial<WorkerHostSettings>) =>
    prepareWorkerHost({ listen: '127.0.0.1:0', announce: false, token: TOKEN, ...settings }, { baseDir: folder, dataDir: folder }, '1.0.0');
  const start = async (settings: Partial<WorkerHostSettings> = {}): Promise<RunningWorkerHost> => {
    const host = await (await prepare(settings)).start(surroundings);
    running.push(host);
    return host;
  };
  const written = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };

  it('says where it is, what its certificate is, and what to write into the config of a worker', async () => {
    const { detail } = await start();
    expect(detail).toMatchObject({
      url: expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+$/),
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(detail['config']).toMatch(/^- \{ use: vedette\/strategy-remote-lan, strategies: \{ remote-lan: \{/);
    const [, hosts = ''] = /hosts: (\[.*\]) \} \} \}$/.exec(detail['config']!) ?? [];
    expect(JSON.parse(hosts.replace(/(\w+): "/g, '"$1": "'))).toEqual([{ url: detail['url'], fingerprint: detail['fingerprint'] }]);
  });

  it('keeps its certificate, readable for itself alone', async () => {
    const [first, second] = [await start(), await start()];
    expect(second.detail['fingerprint']).toBe(first.detail['fingerprint']);
    expect((await stat(join(folder, 'worker-host', 'certificate.pem'))).mode & 0o777).toBe(0o600);
  });

  it('takes the token from the file rather than from the config', async () => {
    const tokenFile = await written('token', `${TOKEN}\n`);
    await start({ token: undefined, tokenFile });
    await expect(prepare({ tokenFile: await written('short', 'short') })).rejects.toMatchObject({ code: 'VD_REMOTE_TOKEN_SHORT' });
  });

  it('makes its own token when it is given none, and keeps it for itself alone', async () => {
    const { detail } = await start({ token: undefined });
    const file = join(folder, 'worker-host', 'token');
    expect(detail['tokenFile']).toBe(file);
    const token = await readFile(file, 'utf8');
    expect(token).toMatch(/^[\w-]{43}\n$/);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await start({ token: undefined });
    expect(await readFile(file, 'utf8')).toBe(token);
    expect(JSON.stringify(detail)).not.toContain(token.trim());
    const named = join(folder, 'elsewhere', 'token');
    await start({ token: undefined, tokenFile: named });
    expect(await readFile(named, 'utf8')).not.toBe(token);
    expect(await readdir(join(folder, 'elsewhere'))).toEqual(['token']);
  });

  it('does not start with a token that cannot be read or kept', async () => {
    for (const tokenFile of [await written('large', 'x'.repeat(70_000)), folder, join(await written('file', ''), 'token')])
      await expect(prepare({ tokenFile })).rejects.toMatchObject({ code: 'VD_REMOTE_TOKEN_UNREADABLE' });
  });

  it('does not start with a certificate that is none, lacks its key, or has another one', async () => {
    const none = await written('none.pem', 'nothing');
    await expect(prepare({ certFile: none })).rejects.toMatchObject({
      code: 'VD_REMOTE_CERTIFICATE',
      message: expect.stringContaining('keyFile'),
    });
    await expect(prepare({ certFile: 'nowhere.pem', keyFile: 'nowhere.pem' })).rejects.toMatchObject({ code: 'VD_REMOTE_CERTIFICATE' });
    await expect(start({ certFile: none, keyFile: none })).rejects.toMatchObject({ code: 'VD_REMOTE_CERTIFICATE' });
    await start();
    await writeFile(join(folder, 'worker-host', 'certificate.pem'), 'half of it');
    await expect(prepare({})).rejects.toMatchObject({ code: 'VD_REMOTE_CERTIFICATE' });
  });

  it('does not start where it cannot listen', async () => {
    const { detail } = await start();
    await expect(start({ listen: new URL(detail['url']!).host })).rejects.toMatchObject({
      code: 'VD_REMOTE_LISTEN',
      message: expect.stringContaining('another program has the port'),
    });
    await expect(prepare({ listen: 'nonsense' })).rejects.toMatchObject({ code: 'VD_REMOTE_LISTEN' });
    await expect(prepare({ listen: '127.0.0.1:70000' })).rejects.toMatchObject({ code: 'VD_REMOTE_LISTEN' });
  });
});
