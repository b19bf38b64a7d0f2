import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Stores } from '../database-access.js';
import { databaseUrlOf, publishDatabaseUrl, withdrawDatabaseUrl } from '../database-address.js';
import { takeFirstSteps } from './first-start.js';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'vedette-first-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

/** Streams and keys in memory; no more of the store than the first steps use. */
function stores(admin: { token: string } | null = { token: 'one-time' }) {
  const rows: { id: string; name: string; enabled: boolean; adapterId: string; sourceConfig?: unknown }[] = [];
  const keys = new Map<string, string>();
  const streams = {
    getByName: async (name: string) => rows.find((row) => row.name === name) ?? null,
    create: async (input: { name: string; adapterId: string; sourceConfig?: unknown }) => {
      const row = { id: `id-${input.name}`, enabled: true, declaredAt: null, ...input };
      rows.push(row);
      return row;
    },
    update: async (id: string, patch: { enabled?: boolean }) => Object.assign(rows.find((row) => row.id === id) ?? {}, patch),
    createKey: async (id: string) => {
      const key = `key-${keys.size + 1}`;
      keys.set(key, id);
      return { key, keyId: key, hint: '' };
    },
    findByKey: async (key: string) =>
      keys.has(key) ? { stream: rows.find((row) => row.id === keys.get(key)), keyId: key, fault: null } : null,
  };
  return { rows, keys, stores: { streams, admins: { ensureFirstAdmin: async () => admin } } as unknown as Stores };
}
const keyFile = (): string => join(dataDir, 'secrets', 'obs-stream-key');

describe(takeFirstSteps.name, () => {
  it('makes the live stream with a key for its user only, the demo, and the first token', async () => {
    const { rows, stores: opened } = stores();
    expect(await takeFirstSteps(opened, { dataDir, demo: true })).toEqual({
      streamKey: { made: 'key-1', file: keyFile() },
      token: 'one-time',
    });
    expect(rows).toMatchObject([
      { name: 'live', adapterId: 'rtmp' },
      { name: 'demo', adapterId: 'webcam', sourceConfig: { format: 'lavfi', device: 'demo' } },
    ]);
    expect(readFileSync(keyFile(), 'utf8')).toBe('key-1\n');
    expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
  });

  it('changes nothing the second time, and does not tell the key again', async () => {
    const { rows, keys, stores: opened } = stores(null);
    await takeFirstSteps(opened, { dataDir, demo: true });
    expect(await takeFirstSteps(opened, { dataDir, demo: true })).toEqual({ streamKey: { made: null, file: keyFile() } });
    expect(rows).toHaveLength(2);
    expect(keys.size).toBe(1);
  });

  it('makes a new key when the kept one was revoked or lost', async () => {
    const { keys, stores: opened } = stores();
    await takeFirstSteps(opened, { dataDir, demo: false });
    keys.delete('key-1');
    expect((await takeFirstSteps(opened, { dataDir, demo: false })).streamKey.made).toMatch(/^key-/);
    writeFileSync(keyFile(), 'nonsense');
    const { streamKey } = await takeFirstSteps(opened, { dataDir, demo: false });
    expect(keys.has(streamKey.made ?? '')).toBe(true);
    expect(readFileSync(keyFile(), 'utf8').trim()).toBe(streamKey.made);
  });

  it('takes the demo away and back as it is asked', async () => {
    const { rows, stores: opened } = stores();
    await takeFirstSteps(opened, { dataDir, demo: false });
    expect(rows.map(({ name }) => name)).toEqual(['live']);
    for (const demo of [true, false, true]) {
      await takeFirstSteps(opened, { dataDir, demo });
      expect(rows.find(({ name }) => name === 'demo')?.enabled).toBe(demo);
    }
  });
});

describe(databaseUrlOf.name, () => {
  const loaded = (url?: string) => ({ config: { dataDir, database: { url } } }) as Parameters<typeof databaseUrlOf>[0];
  it('is that of the config, else that of the running program, else none', async () => {
    expect(() => databaseUrlOf(loaded())).toThrow(expect.objectContaining({ code: 'VD_BOOT_NOT_RUNNING' }));
    await publishDatabaseUrl(dataDir, 'postgres://embedded');
    expect(databaseUrlOf(loaded())).toBe('postgres://embedded');
    expect(databaseUrlOf(loaded('postgres://own'))).toBe('postgres://own');
    writeFileSync(join(dataDir, 'secrets', 'database-url'), '');
    expect(() => databaseUrlOf(loaded())).toThrow(expect.objectContaining({ code: 'VD_BOOT_NOT_RUNNING' }));
    withdrawDatabaseUrl(dataDir);
    expect(() => databaseUrlOf(loaded())).toThrow();
  });
});
