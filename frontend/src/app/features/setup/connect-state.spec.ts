import { signal } from '@angular/core';
import { describe, expect, it } from 'vitest';
import type { PublishRefusalWire, StreamWire } from '../../api/models';
import { anEpoch, aStream } from '../../testing/wire-samples';
import { ConnectState } from './connect-state';

const START_MS = Date.parse('2026-11-28T12:00:00.000Z');
const at = (ms: number): string => new Date(ms).toISOString();
const refusal = (more: Partial<PublishRefusalWire> = {}): PublishRefusalWire => ({
  id: '1',
  address: '10.0.0.7',
  code: 'VD_INGEST_KEY_UNKNOWN',
  reason: 'No stream has this key',
  fix: null,
  streamId: null,
  app: 'live',
  keyHint: 'vd_…',
  count: 1,
  firstAt: at(START_MS),
  lastAt: at(START_MS),
  ...more,
});

function bench(first: StreamWire = aStream({ state: 'pending', epoch: null })) {
  const stream = signal<StreamWire | null>(first);
  const nowMs = signal(START_MS);
  return { state: new ConnectState(stream, nowMs), stream, nowMs };
}

describe(ConnectState.name, () => {
  it('waits, tells of a wrong key, then of the connection, then of the picture', () => {
    const { state, stream, nowMs } = bench();
    expect(state.stage()).toBe('waiting');
    nowMs.set(START_MS + 20_000);
    state.hear({ type: 'publish.refused', cursor: 'c', refusals: [refusal()] });
    expect([state.stage(), state.refusal()?.address]).toEqual(['refused', '10.0.0.7']);
    stream.update((one) => ({ ...one!, state: 'live', epoch: anEpoch() }));
    expect(state.stage()).toBe('connected');
    state.hasPicture.set(true);
    expect(state.stage()).toBe('picture');
  });

  it('tells of the last one, of nobody for another stream, and of nobody long ago', () => {
    const { state, nowMs } = bench();
    state.learn([
      refusal({ id: '1', lastAt: at(START_MS - 10_000), address: '10.0.0.1' }),
      refusal({ id: '2', lastAt: at(START_MS - 5_000), address: '10.0.0.2' }),
      refusal({ id: '3', lastAt: at(START_MS - 1_000), streamId: 'another' }),
      refusal({ id: '4', lastAt: at(START_MS - 3_600_000) }),
    ]);
    expect(state.refusal()?.address).toBe('10.0.0.2');
    nowMs.set(START_MS + 600_000);
    expect(state.stage()).toBe('waiting');
  });

  it('takes what came in before for no connection, and says when it cannot be opened', () => {
    const { state, stream } = bench(aStream({ state: 'stopped', epoch: anEpoch({ state: 'closed', ordinal: 3 }) }));
    expect(state.stage()).toBe('waiting');
    stream.update((one) => ({ ...one!, state: 'retrying' }));
    expect(state.stage()).toBe('failed');
    stream.update((one) => ({ ...one!, state: 'stopped', epoch: anEpoch({ state: 'closed', ordinal: 4 }) }));
    expect(state.stage()).toBe('connected');
  });
});
