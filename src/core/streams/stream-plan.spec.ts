import { describe, expect, it } from 'vitest';
import { defineSource, z } from 'vedette/plugin';
import { FakePluginRegistry, sourceOf } from '../../../test/support/fakes/fake-plugin-registry.js';
import type { StreamRecord } from '../persistence/streams/stream-store.js';
import { type NodesView, planOf } from './stream-plan.js';

const notMade = (): never => {
  throw new Error('Planning makes no adapters');
};
const SOURCES = [
  defineSource({ id: 'door', version: '1.0.0', title: 'Door', kind: 'listener', config: z.strictObject({}), create: notMade }),
  defineSource({
    id: 'camera',
    version: '1.0.0',
    title: 'Camera',
    kind: 'stream',
    config: z.strictObject({ device: z.string() }),
    create: notMade,
  }),
];
const registry = new FakePluginRegistry({ sources: SOURCES.map(sourceOf) });
const camera: StreamRecord = {
  ...{ id: 's', name: 's', title: 's', adapterId: 'camera', sourceConfig: { device: 'x' }, enabled: true, isPrivate: false, node: null },
  ...{ state: 'live', stateDetail: null, stateAtMs: 0, createdAtMs: 0, declaredBy: null, declaredAt: null },
};
const door: StreamRecord = { ...camera, adapterId: 'door', sourceConfig: {} };
const owned = (nodeId: string, alive: boolean): Pick<NodesView, 'owners'> => ({
  owners: new Map([['s', { streamId: 's', nodeId, nodeName: nodeId, alive }]]),
});
const plan = (stream: StreamRecord, view: Partial<NodesView> = {}) =>
  planOf(stream, registry, {
    nodeId: 'a',
    nodeName: 'a',
    nodes: [{ id: 'a', name: 'a', alive: true }],
    owners: new Map(),
    isSteady: true,
    ...view,
  });

describe('planOf', () => {
  it('runs a source that nobody has, that this node has, or whose node died', () => {
    expect(plan(camera)).toMatchObject({ kind: 'run', isFree: true });
    expect(plan(camera, owned('a', true))).toMatchObject({ kind: 'run', isFree: true });
    expect(plan(camera, owned('b', false))).toMatchObject({ kind: 'run', isFree: true });
  });

  it('leaves a source to the node that has it, and says nothing of its state', () => {
    expect(plan(camera, owned('b', true))).toEqual({ kind: 'run', isFree: false, config: { device: 'x' } });
    expect(plan(door, owned('b', true))).toEqual({ kind: 'admit', says: undefined });
    expect(plan({ ...camera, enabled: false }, owned('b', true))).toEqual({ kind: 'rest', why: 'stream-disabled', says: undefined });
  });

  it('does not take a node for dead while it cannot tell', () => {
    expect(plan(camera, { ...owned('b', false), isSteady: false })).toMatchObject({ kind: 'run', isFree: false });
    expect(plan(door, { ...owned('b', false), isSteady: false })).toEqual({ kind: 'admit', says: undefined });
    expect(plan(door, owned('b', false))).toMatchObject({ says: { state: 'pending', detail: 'Waiting for a publisher' } });
  });

  it('runs what is pinned to this node, whatever the case, and says of another that is not there that it is not', () => {
    expect(plan({ ...camera, node: 'A' })).toMatchObject({ kind: 'run' });
    expect(plan({ ...camera, node: 'b' })).toMatchObject({
      kind: 'rest',
      why: 'stream-moved',
      says: { state: 'pending', detail: expect.stringContaining('"b", which is not there') },
    });
    const b = { nodes: [{ id: 'b', name: 'b', alive: true }] };
    expect(plan({ ...camera, node: 'b' }, b)).toEqual({ kind: 'rest', why: 'stream-moved' });
  });

  it('says what is wrong with a stream that cannot run', () => {
    expect(plan({ ...camera, adapterId: 'teleport' })).toMatchObject({
      kind: 'rest',
      says: { state: 'failed', detail: expect.stringContaining('VD_INGEST_ADAPTER_UNKNOWN') },
    });
    expect(plan({ ...camera, sourceConfig: {} })).toMatchObject({
      kind: 'rest',
      says: { state: 'failed', detail: expect.stringContaining('VD_INGEST_CONFIG_INVALID') },
    });
  });
});
