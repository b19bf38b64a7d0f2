import { describe, expect, it } from 'vitest';
import { Refusal } from '../refusal.js';
import { amf0 } from '../testing/rtmp-client.js';
import { Amf0Reader } from './amf0-reader.js';
import { readAnnouncement, readCommand } from './command.js';

const read = (...parts: (Buffer | number[])[]) => new Amf0Reader(Buffer.concat(parts.map((part) => Buffer.from(part)))).readAll();

describe(Amf0Reader.name, () => {
  it('reads what publishers send', () => {
    expect(read(amf0('connect'), amf0(1.5), amf0(true), amf0(null), [6])).toEqual(['connect', 1.5, true, null, undefined]);
    expect(read(amf0({ app: 'live', inner: { a: 1 } }))).toEqual([{ app: 'live', inner: { a: 1 } }]);
    expect(read([8, 0, 0, 0, 9, 0, 1, 0x61, 1, 1, 0, 0, 9])).toEqual([{ a: true }]);
    expect(read([10, 0, 0, 0, 2, 5, 1, 0])).toEqual([[null, false]]);
    expect(read([0x0c, 0, 0, 0, 2, 0x68, 0x69])).toEqual(['hi']);
    expect(read([0x0b, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])).toEqual([0]);
  });

  it.each([
    ['a number cut short', [0, 1, 2]],
    ['a text longer than the message', [2, 0xff, 0xff, 0x41]],
    ['a long text longer than the message', [0x0c, 0xff, 0xff, 0xff, 0xff, 0x41]],
    ['an object without an end', [3, 0, 1, 0x61, 5]],
    ['an object that ends with something else', [3, 0, 0, 5]],
    ['a list longer than any', [10, 0xff, 0xff, 0xff, 0xff]],
    ['a reference', [7, 0, 0]],
    ['a movie clip', [4]],
    ['a marker of AMF3', [0x11, 1]],
    ['a marker of nothing', [0xee]],
    ['lists in lists without end', Array.from({ length: 500 }, () => [10, 0, 0, 0, 1]).flat()],
    ['more values than a command has', Array.from({ length: 5000 }, () => 5)],
  ])('refuses %s', (_name, bytes) => {
    expect(() => read(bytes)).toThrow(Refusal);
  });

  it('keeps the names of a peer away from prototypes', () => {
    const [value] = read(amf0({ ['__proto__x']: 1 }), []);
    expect(Object.getPrototypeOf(value)).toBeNull();
    const [hostile] = read([3, 0, 9, ...Buffer.from('__proto__'), 3, 0, 1, 0x78, 1, 1, 0, 0, 9, 0, 0, 9]);
    expect(Object.keys(hostile as object)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});

describe(readCommand.name, () => {
  it('reads name, transaction, object and arguments', () => {
    const payload = Buffer.concat([amf0('publish'), amf0(5), amf0(null), amf0('key'), amf0('live')]);
    expect(readCommand(payload)).toEqual({ name: 'publish', transactionId: 5, object: undefined, args: ['key', 'live'] });
  });

  it.each([
    ['no name', amf0(1)],
    ['an empty name', amf0('')],
    ['a transaction that is no number', Buffer.concat([amf0('connect'), amf0('1')])],
    ['a transaction that is not finite', Buffer.concat([amf0('connect'), amf0(Number.NaN)])],
  ])('refuses %s', (_name, payload) => {
    expect(() => readCommand(payload)).toThrow(Refusal);
  });
});

describe(readAnnouncement.name, () => {
  const metadata = (data: Parameters<typeof amf0>[0]) => Buffer.concat([amf0('@setDataFrame'), amf0('onMetaData'), amf0(data)]);

  it('keeps numbers in range and leaves the rest', () => {
    const data = { width: 1920, height: -5, framerate: 1e9, audiocodecid: 'mp4a', encoder: 'x'.repeat(100) };
    expect(readAnnouncement(metadata(data))).toEqual({
      ...{ hasAudio: true, hasVideo: true },
      ...{ widthPx: 1920, heightPx: undefined, framesPerSecond: undefined },
    });
    expect(readAnnouncement(metadata({ width: 64 }))).toMatchObject({ hasAudio: false, hasVideo: true });
    expect(readAnnouncement(metadata({ audiocodecid: 10 }))).toMatchObject({ hasAudio: true, hasVideo: false });
  });

  it('takes other data messages for nothing', () => {
    expect(readAnnouncement(Buffer.concat([amf0('onTextData'), amf0({ text: 'hi' })]))).toBeUndefined();
    expect(readAnnouncement(Buffer.alloc(0))).toBeUndefined();
  });
});
