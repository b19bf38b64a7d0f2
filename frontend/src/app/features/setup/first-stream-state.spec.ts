import { describe, expect, it } from 'vitest';
import type { ApiClient } from '../../api/api-client';
import type { SourceAdapterWire, StreamWire } from '../../api/models';
import { StreamsState } from '../../core/streams-state';
import { aStream } from '../../testing/wire-samples';
import { FirstStreamState } from './first-stream-state';

const KEY = { id: 'k', hint: 'abcd', key: 'vd_secret' };
const source = (id: string) => ({ id }) as SourceAdapterWire;

function bench(streams: readonly StreamWire[] = []) {
  const asked: [string, unknown][] = [];
  const api = {
    upkeep: { sources: async () => ['rtmp', 'webcam', 'file'].map(source) },
    createStream: async (body: { name: string }) => {
      asked.push(['createStream', body]);
      return aStream({ id: 'new', name: body.name });
    },
    createKey: async (id: string) => {
      asked.push(['createKey', id]);
      return KEY;
    },
    updateStream: async (id: string, body: object) => {
      asked.push(['updateStream', body]);
      return aStream({ id, ...body });
    },
  } as unknown as ApiClient;
  const state = new StreamsState();
  state.replace(streams);
  return { state: new FirstStreamState(api, state), asked };
}

describe(FirstStreamState.name, () => {
  it('offers what there is an adapter for, and the form of every source', async () => {
    const { state } = bench();
    await state.load();
    expect(state.ways()).toEqual(['encoder', 'file', 'test', 'other']);
  });

  it('gives the stream that waits for an encoder another key, and makes one where none waits', async () => {
    const waiting = bench([aStream({ id: 'live', adapterId: 'rtmp', enabled: true, state: 'pending' })]);
    expect([waiting.state.needsTitle(), await waiting.state.make()]).toEqual([false, true]);
    expect(waiting.asked).toEqual([['createKey', 'live']]);
    expect(waiting.state.made()).toMatchObject({ way: 'encoder', key: KEY });
    const none = bench([aStream({ adapterId: 'rtmp', state: 'live' })]);
    expect([await none.state.make(), none.state.isIncomplete()]).toEqual([false, true]);
    none.state.title.set('Main stage');
    await none.state.make();
    expect(none.asked).toEqual([
      ['createStream', { name: 'main-stage', title: 'Main stage', adapterId: 'rtmp' }],
      ['createKey', 'new'],
    ]);
  });

  it('takes the demo that is there, switched on, or makes a test picture', async () => {
    const there = bench([aStream({ id: 'd', name: 'demo', adapterId: 'webcam', enabled: false })]);
    there.state.choose('test');
    await there.state.make();
    expect(there.asked).toEqual([['updateStream', { enabled: true }]]);
    const none = bench();
    none.state.choose('test');
    none.state.title.set('Test');
    await none.state.make();
    expect(none.asked).toEqual([
      ['createStream', { name: 'test', title: 'Test', adapterId: 'webcam', sourceConfig: { format: 'lavfi', device: 'demo' } }],
    ]);
  });

  it('calls a stream of a file after it', async () => {
    const { state, asked } = bench();
    state.choose('file');
    expect([await state.make(), state.isIncomplete()]).toEqual([false, true]);
    state.pick({ name: 'Match 7.mp4' } as File);
    await state.make();
    expect(asked).toEqual([['createStream', { name: 'match-7', title: 'Match 7', adapterId: 'file' }]]);
    expect(state.made()?.file?.name).toBe('Match 7.mp4');
  });
});
