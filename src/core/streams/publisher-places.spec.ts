import { beforeEach, describe, expect, it } from 'vitest';
import { SilentLogger } from '../../../test/support/fakes/silent-logger.js';
import type { StreamRecord } from '../persistence/streams/stream-store.js';
import type { EpochHandle } from '../plugin-api/index.js';
import { PublisherPlaces, type StreamPublisher } from './publisher-places.js';

const stream = { id: 'stream', name: 'obs' } as StreamRecord;
const epoch = () => {
  const done = Promise.withResolvers<{ reason: string }>();
  return { handle: { done: done.promise } as EpochHandle, end: () => done.resolve({ reason: 'over' }) };
};

describe(PublisherPlaces.name, () => {
  let nowMs: number;
  let said: string[];
  let places: PublisherPlaces;
  beforeEach(() => {
    nowMs = 1_000;
    said = [];
    const report = (_id: string, state: string, detail?: string): void =>
      void said.push(detail === undefined ? state : `${state}: ${detail}`);
    places = new PublisherPlaces({ report }, new SilentLogger(), () => nowMs);
  });
  const take = (address: string): StreamPublisher => places.take(stream, address);
  const isFree = () => places.bar('stream', false) === undefined;

  it.each(['retrying', 'failed', 'stopped'] as const)('is given up by a publisher that reports %s', (state) => {
    const publisher = take('10.0.0.5');
    places.report(publisher, 'starting', undefined);
    expect(isFree()).toBe(false);
    places.report(publisher, state, 'gone');
    expect(isFree()).toBe(true);
  });

  it('is given up by a publisher whose epochs have all ended, not by one that changes from one to the next', async () => {
    const [first, second] = [epoch(), epoch()];
    const publisher = take('10.0.0.5');
    publisher.opened(first.handle);
    publisher.opened(second.handle);
    first.end();
    await first.handle.done;
    expect(isFree()).toBe(false);
    second.end();
    await second.handle.done;
    expect(isFree()).toBe(true);
  });

  it('is not kept by a publisher that was given no epoch, until it is given one', () => {
    const publisher = take('10.0.0.5');
    publisher.opensInVain();
    expect(isFree()).toBe(true);
    publisher.opened(epoch().handle);
    expect(isFree()).toBe(false);
  });

  it('hears the latest publisher only', () => {
    const [first, second] = [take('10.0.0.5'), take('10.0.0.7')];
    expect([places.isLatest(first), places.isLatest(second)]).toEqual([false, true]);
    places.forget('stream');
    expect([places.isLatest(second), places.has('stream'), isFree()]).toEqual([false, false, true]);
  });

  it('tells of a fight while it lasts and a publisher is there, and takes it back when it is over', () => {
    const fight = 'Two encoders fight for this stream: 10.0.0.7 and 10.0.0.5. Stop one of them, or give it a stream of its own';
    let latest = take('10.0.0.5');
    for (const address of ['10.0.0.7', '10.0.0.5']) latest = take(address);
    places.report(latest, 'live', 'Sound is G.711');
    places.tellPeace();
    expect(said.splice(0)).toEqual([`live: Sound is G.711. ${fight}`]);
    expect(places.bar('stream', true)).toMatchObject({ code: 'VD_INGEST_TAKEOVER_TOO_SOON' });
    nowMs += 70_000;
    places.tellPeace();
    places.tellPeace();
    expect(said.splice(0)).toEqual(['live: Sound is G.711']);
    take('10.0.0.7');
    latest = take('10.0.0.5');
    places.report(latest, 'live', undefined);
    places.report(latest, 'stopped', 'the publisher ended the stream');
    expect(said).toEqual([`live: ${fight}`, 'stopped: the publisher ended the stream']);
  });
});
