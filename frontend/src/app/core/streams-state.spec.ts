import { describe, expect, it } from 'vitest';
import { aStream, anEpoch } from '../testing/wire-samples';
import { StreamsState } from './streams-state';

function state(): StreamsState {
  const it = new StreamsState();
  it.replace([aStream(), aStream({ id: 'stream-2', name: 'bay', title: 'Bay', state: 'stopped', epoch: null })]);
  return it;
}

describe(StreamsState.name, () => {
  it('lists by title and counts the live ones', () => {
    expect(
      state()
        .list()
        .map((stream) => stream.title),
    ).toEqual(['Bay', 'Front gate']);
    expect(state().liveCount()).toBe(1);
  });

  it('takes changes, additions and removals from the feed', () => {
    const it = state();
    it.apply({ type: 'stream.changed', cursor: '1', stream: aStream({ state: 'retrying' }) });
    it.apply({ type: 'stream.changed', cursor: '2', stream: aStream({ id: 'stream-3', name: 'new', title: 'New' }) });
    it.apply({ type: 'stream.removed', cursor: '3', streamId: 'stream-2' });
    expect(it.list().map((stream) => [stream.name, stream.state])).toEqual([
      ['front-gate', 'retrying'],
      ['new', 'live'],
    ]);
  });

  it('shows the newest epoch, even when a message about an older one comes after it', () => {
    const it = state();
    it.apply({ type: 'epoch.opened', cursor: '1', epoch: anEpoch({ id: 'epoch-2', ordinal: 2 }) });
    it.apply({ type: 'epoch.closed', cursor: '2', epoch: anEpoch({ state: 'closed' }) });
    expect(it.get('stream-1')?.epoch?.id).toBe('epoch-2');
  });
});
