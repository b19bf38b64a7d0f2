import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StreamStore } from '../../src/core/persistence/streams/stream-store.js';
import { until } from '../support/until.js';
import { PipelineHarness } from './support/pipeline-harness.js';

let harness: PipelineHarness;
beforeAll(async () => {
  harness = await PipelineHarness.start();
});
afterAll(() => harness.close());

describe(StreamStore.name, () => {
  it('creates, changes and removes streams, and tells of each', async () => {
    const created = await harness.streams.create({ name: 'garden', title: 'Garden', adapterId: 'rtmp' });
    expect(await harness.streams.getByName('garden')).toEqual(created);
    expect(await harness.streams.update(created.id, { title: 'Yard', enabled: false, sourceConfig: { device: 0 } })).toMatchObject({
      title: 'Yard',
      enabled: false,
      isPrivate: false,
      sourceConfig: { device: 0 },
    });
    await harness.streams.setState(created.id, 'starting', 'probing');
    await harness.streams.setState(created.id, 'starting', 'probing');
    expect(await harness.streams.get(created.id)).toMatchObject({ state: 'starting', stateDetail: 'probing' });
    expect(await harness.streams.remove(created.id)).toBe(true);
    expect(await harness.streams.remove(created.id)).toBe(false);
    expect(await harness.streams.get(created.id)).toBeNull();
    expect(await harness.streams.update(created.id, { title: 'Ghost' })).toBeNull();
    expect(await harness.feedOf(created.id)).toEqual(['stream.changed', 'stream.changed', 'stream.changed', 'stream.removed']);
    // The name is free again.
    await harness.streams.create({ name: 'garden', title: 'Garden', adapterId: 'rtmp' });
  });

  it('refuses a name that is taken or cannot be one', async () => {
    await harness.streams.create({ name: 'roof', title: 'Roof', adapterId: 'rtmp' });
    await expect(harness.streams.create({ name: 'roof', title: 'Roof', adapterId: 'rtmp' })).rejects.toMatchObject({
      code: 'VD_STREAM_NAME_TAKEN',
      httpStatus: 409,
    });
    for (const name of ['', '../up', 'A', 'a b', '-x', 'a'.repeat(64)]) {
      await expect(harness.streams.create({ name, title: 'x', adapterId: 'rtmp' })).rejects.toMatchObject({
        code: 'VD_STREAM_NAME_INVALID',
      });
    }
  });

  it('opens a stream with its key and with no other, and keeps no key', async () => {
    const stream = await harness.streams.create({ name: 'door', title: 'Door', adapterId: 'rtmp' });
    const { key, keyId, hint } = await harness.streams.createKey(stream.id);
    expect(key).toMatch(/^vd_[a-z2-7]{32}$/);
    expect(hint).toBe(`…${key.slice(-4)}`);
    expect(await harness.streams.findByKey(key)).toEqual({ stream, keyId, expiresAtMs: null, fault: null });
    for (const wrong of ['', 'vd_', key.slice(0, -1), `${key} `, key.toUpperCase()])
      expect(await harness.streams.findByKey(wrong)).toBeNull();
    expect((await harness.streams.listKeys(stream.id))[0]).toMatchObject({
      keyId,
      hint,
      revokedAtMs: null,
      ...{ lastUsedAtMs: null, lastAddress: null },
    });
    await harness.streams.keyUsed(keyId, '192.0.2.7');
    expect((await harness.streams.listKeys(stream.id))[0]).toMatchObject({ lastUsedAtMs: expect.any(Number), lastAddress: '192.0.2.7' });
    const [kept] = await harness.rows<Record<string, unknown>>('SELECT encode(key_sha256, $2) AS hash, * FROM stream_keys WHERE id = $1', [
      keyId,
      'escape',
    ]);
    expect(JSON.stringify(kept)).not.toContain(key.slice(3));

    await harness.streams.update(stream.id, { enabled: false });
    expect(await harness.streams.findByKey(key)).toMatchObject({ fault: 'disabled' });
    await harness.streams.update(stream.id, { enabled: true });
    expect(await harness.streams.revokeKey(stream.id, keyId)).toBe(true);
    expect(await harness.streams.revokeKey(stream.id, keyId)).toBe(false);
    expect(await harness.streams.findByKey(key)).toMatchObject({ keyId, fault: 'revoked' });
    await expect(harness.streams.createKey(randomUUID())).rejects.toMatchObject({ code: 'VD_STREAM_NOT_FOUND' });
  });

  it('replaces a key at once or after a time of grace, once', async () => {
    const stream = await harness.streams.create({ name: 'rotated', title: 'Rotated', adapterId: 'rtmp' });
    const faultOf = async (key: string) => (await harness.streams.findByKey(key))?.fault;
    const first = await harness.streams.createKey(stream.id);
    const second = await harness.streams.rotateKey(stream.id, first.keyId, 3_600_000);
    expect([await faultOf(first.key), await faultOf(second!.key)]).toEqual([null, null]);
    const leftMs = (await harness.streams.findByKey(first.key))!.expiresAtMs! - Date.now();
    expect(leftMs).toBeGreaterThan(3_500_000);
    expect(leftMs).toBeLessThan(3_700_000);
    // Rotated again, an earlier end stays the end.
    await harness.streams.rotateKey(stream.id, first.keyId, 7_200_000);
    expect((await harness.streams.findByKey(first.key))!.expiresAtMs! - Date.now()).toBeLessThan(3_700_000);
    await harness.rows('UPDATE stream_keys SET expires_at = now() WHERE id = $1', [first.keyId]);
    expect(await faultOf(first.key)).toBe('expired');
    expect(await harness.streams.rotateKey(stream.id, first.keyId, 0)).toBeNull();

    const both = await Promise.all([1, 2].map(() => harness.streams.rotateKey(stream.id, second!.keyId, 0)));
    expect(both.filter((key) => key !== null)).toHaveLength(1);
    expect(await faultOf(second!.key)).toBe('revoked');
    await harness.streams.remove(stream.id);
    expect(await harness.streams.findByKey(second!.key)).toBeNull();
  });

  it('tells of changes made by another process, also after its connection broke', async () => {
    const heard = new Set<string>();
    const stop = harness.streams.onChange(({ streamId }) => heard.add(streamId));
    await until(
      'the listener to be connected',
      async () => (await harness.rows(`SELECT 1 FROM pg_stat_activity WHERE query LIKE 'LISTEN %vedette_streams%'`)).length > 0,
    );
    const first = await harness.streams.create({ name: 'heard-1', title: 'x', adapterId: 'rtmp' });
    await until('the first change', () => heard.has(first.id));
    await harness.rows(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN %vedette_streams%'`);
    const second = await harness.streams.create({ name: 'heard-2', title: 'x', adapterId: 'rtmp' });
    await until('the change made while nobody listened', () => heard.has(second.id));
    stop();
  });
});
