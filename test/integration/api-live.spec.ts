import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { waitFor } from '../e2e/support/wait-for.js';
import { LiveSocket as Client } from '../support/api/live-socket.js';
import { ApiApp } from '../support/api-app.js';
import { LedgerSeed } from '../support/ledger-seed.js';

describe('/ws', () => {
  let api: ApiApp;
  let seed: LedgerSeed;
  let cookie: string;
  const clients: Client[] = [];
  beforeAll(async () => {
    api = await ApiApp.start();
    seed = new LedgerSeed(api.sql);
    await seed.partitions();
    cookie = await api.signIn();
  });
  afterAll(async () => {
    for (const client of clients) client.socket.terminate();
    await api.stop();
  });

  function open(headers: Record<string, string> = { cookie, origin: api.url }): Client {
    const client = new Client(api.url, headers);
    clients.push(client);
    return client;
  }

  describe('lets in', () => {
    it('a page of ours with the session cookie', async () => {
      expect((await open().first('hello')).cursor).toMatch(/^\d+-\d+$/);
    });

    it('a program with a bearer token, or with an auth message', async () => {
      const { token } = await api.apiToken('viewer');
      await open({ authorization: `Bearer ${token}` }).first('hello');
      const late = open({});
      await once(late.socket, 'open');
      late.send({ type: 'auth', token });
      await late.first('hello');
    });

    it('nobody from another origin, even with the cookie', async () => {
      for (const origin of ['https://evil.example', 'null', `${api.url}.evil.example`, 'file://']) {
        const client = open({ cookie, origin });
        expect([origin, await client.closing()]).toEqual([origin, 4403]);
        expect(client.messages).toEqual([]);
      }
    });

    it('nobody with a wrong, used, expired or revoked token', async () => {
      const revoked = await api.apiToken('admin');
      await api.sql.query('UPDATE user_tokens SET revoked_at = now() WHERE id = $1', [revoked.id]);
      const expired = await api.apiToken('admin');
      await api.sql.query('UPDATE user_tokens SET expires_at = now() WHERE id = $1', [expired.id]);
      const oneTime = await api.admin.issueOneTimeToken();
      for (const token of ['vda_wrongwrongwrongwrongwrongwrong00', revoked.token, expired.token, oneTime.token]) {
        expect(await open({ authorization: `Bearer ${token}` }).closing()).toBe(4401);
        const late = open({});
        await once(late.socket, 'open');
        late.send({ type: 'auth', token });
        expect(await late.closing()).toBe(4401);
      }
    });

    it('nobody who says nothing for 5 s, or asks for topics first', async () => {
      const silent = open({});
      const hasty = open({});
      await once(hasty.socket, 'open');
      hasty.send({ type: 'subscribe', topics: ['streams'] });
      expect(await hasty.closing()).toBe(4401);
      expect(await silent.closing()).toBe(4401);
      expect(silent.messages.concat(hasty.messages)).toEqual([]);
    });

    it('nobody by a token in the address', async () => {
      const { token } = await api.apiToken('viewer');
      const socket = new WebSocket(`${api.url.replace('http', 'ws')}/ws?token=${token}`);
      const [code] = (await once(socket, 'close')) as [number];
      expect(code).toBe(4401);
    });

    it('nobody any longer, within 5 s of their token being revoked', async () => {
      const { id, token } = await api.apiToken('viewer');
      const client = await open({ authorization: `Bearer ${token}` }).subscribe(['streams']);
      await api.sql.query('UPDATE user_tokens SET revoked_at = now() WHERE id = $1', [id]);
      expect(await client.closing()).toBe(4401);
    });
  });

  describe('bears', () => {
    it.each([
      ['no JSON', '{'],
      ['an array', '[]'],
      ['an unknown type', '{"type":"drop"}'],
      ['a field too many', '{"type":"ping","x":1}'],
      ['too many topics', JSON.stringify({ type: 'subscribe', topics: Array.from({ length: 10_000 }, () => 'streams').slice(0, 300) })],
      ['a long topic', JSON.stringify({ type: 'subscribe', topics: ['x'.repeat(100)] })],
      ['bytes', Buffer.from([1, 2, 3])],
    ])('%s: says so and goes on', async (_, message) => {
      const client = open();
      await client.first('hello');
      client.send(message);
      expect((await client.first('error')).code).toBe('VD_API_INVALID');
      client.send({ type: 'ping' });
      await client.first('pong');
    });

    it('a message over 64 kB: that socket is closed', async () => {
      const client = open();
      await client.first('hello');
      client.send('x'.repeat(70_000));
      expect(await client.closing()).toBe(1009);
    });

    it('a flood of messages: that socket is closed', async () => {
      const client = open();
      await client.first('hello');
      for (let i = 0; i < 1_000; i += 1) client.send({ type: 'ping' });
      expect(await client.closing()).toBe(4429);
      expect(client.of('error').at(-1)?.code).toBe('VD_API_RATE_LIMITED');
      expect(client.of('pong').length).toBeLessThan(60);
    });

    it('compression bombs: compression is not offered', async () => {
      const client = open();
      await client.first('hello');
      expect(client.socket.extensions).toBe('');
    });

    it('broken frames and half-open handshakes', async () => {
      const url = new URL(api.url);
      for (const bytes of [
        'GET /ws HTTP/1.1\r\n',
        'GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
        'GET /other HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
        '\0\0\0\0',
      ]) {
        const socket = connect(Number(url.port), url.hostname);
        socket.on('error', () => undefined);
        await once(socket, 'connect');
        socket.write(bytes);
        setTimeout(() => socket.destroy(), 50);
        await once(socket, 'close');
      }
      await open().first('hello');
    });
  });

  describe('topics', () => {
    it('are refused when there is no such stream, or it is hidden from the user', async () => {
      const hidden = await seed.stream({ private: true });
      const { token } = await api.apiToken('viewer');
      const viewer = open({ authorization: `Bearer ${token}` });
      await viewer.first('hello');
      const foreign = '00000000-0000-4000-8000-000000000000';
      viewer.send({
        type: 'subscribe',
        topics: ['streams', 'runs', `stream:${hidden}`, `stream:${foreign}`, 'stream:*', 'everything', '__proto__'],
      });
      expect((await viewer.first('subscribed')).topics).toEqual(['streams', 'runs']);
      expect(viewer.of('error').map((error) => error.code)).toEqual(Array.from({ length: 5 }, () => 'VD_API_TOPIC_REFUSED'));

      const admin = await open().subscribe([`stream:${hidden}`, 'runs']);
      const epochId = await seed.epoch(hidden);
      const segmentId = await seed.segment(hidden, epochId, 0);
      await seed.run(segmentId);
      const visible = await seed.stream();
      const visibleRun = await seed.run(await seed.segment(visible, await seed.epoch(visible), 0));
      await admin.first('run.finished');
      await waitFor('the visible run', () => viewer.of('run.finished').length === 1);
      expect(viewer.of('run.finished')[0]?.run.id).toBe(visibleRun);
      // That an id is gone is all a viewer hears of it: it may have been visible before.
      expect(JSON.stringify(viewer.messages.filter((message) => !['error', 'stream.removed'].includes(message.type)))).not.toContain(
        hidden,
      );
    });

    it('carry only what was asked for, each message once', async () => {
      const one = await seed.stream();
      const two = await seed.stream();
      const client = await open().subscribe([`stream:${one}`, 'runs', 'streams']);
      const epochOne = await seed.epoch(one);
      const epochTwo = await seed.epoch(two);
      const segmentOne = await seed.segment(one, epochOne, 0);
      const segmentTwo = await seed.segment(two, epochTwo, 0);
      const runOne = await seed.run(segmentOne, ['cat', 'dog']);
      const runTwo = await seed.run(segmentTwo, []);
      await waitFor('both runs', () => client.of('run.finished').length === 2);
      expect(
        client.messages
          .filter((message) => !['hello', 'subscribed', 'stream.changed'].includes(message.type))
          .map((message) => message.type),
      ).toEqual(['epoch.opened', 'segment.ready', 'run.finished', 'run.finished']);
      const [first, second] = client.of('run.finished');
      expect(first).toMatchObject({ run: { id: runOne, segmentId: segmentOne }, truncated: false });
      expect([first?.detections.map((d) => d.label), first?.metrics.length, first?.events.length]).toEqual([['cat', 'dog'], 2, 1]);
      expect(second?.run.id).toBe(runTwo);
      expect(client.of('segment.ready')[0]?.segment).toMatchObject({ id: segmentOne, url: `/streaming/${one}/${epochOne}/000000.ts` });
      await seed.endEvents(runOne);
      expect((await client.first('event.closed')).event).toMatchObject({ epochId: epochOne, state: 'closed', endReason: 'epoch-ended' });
      expect(client.of('run.finished')).toHaveLength(2);
    });

    it('can be changed on the way', async () => {
      const one = await seed.stream();
      const client = await open().subscribe([`stream:${one}`]);
      await client.subscribe(['streams']);
      await seed.epoch(one);
      const two = await seed.stream();
      expect(
        (await waitFor('the new stream', () => client.of('stream.changed').find((message) => message.stream.id === two))).stream.name,
      ).toMatch(/^stream-/);
      expect(client.of('epoch.opened')).toEqual([]);
    });

    it('tell a viewer that a stream which became private is gone', async () => {
      const id = await seed.stream();
      const { token } = await api.apiToken('viewer');
      const viewer = await open({ authorization: `Bearer ${token}` }).subscribe(['streams']);
      expect((await api.call('PATCH', `/api/streams/${id}`, { cookie, body: { private: true } })).status).toBe(200);
      expect((await viewer.first('stream.removed')).streamId).toBe(id);
      // That it was made, while it was public, may be told late; what it is since is not.
      expect(viewer.of('stream.changed').filter(({ stream }) => stream.private)).toEqual([]);
    });

    it('send queue figures while someone watches and something changes', async () => {
      const figures = (waiting: number) => [
        {
          name: 'default',
          backend: 'postgres' as const,
          waiting,
          active: 0,
          delayed: 0,
          failed: 0,
          runsQueued: 0,
          runsRunning: 0,
          lagMs: 0,
          lastMinute: { done: 0, partial: 0, skipped: 0, failed: 0 },
          skipReasons: [],
        },
      ];
      api.queues.queues = figures(1);
      const client = await open().subscribe(['queues']);
      expect((await client.first('queues')).queues[0]?.waiting).toBe(1);
      const reads = api.queues.reads;
      await waitFor('another reading', () => api.queues.reads >= reads + 2);
      expect(client.of('queues')).toHaveLength(1);
      api.queues.queues = figures(2);
      await waitFor('the change', () => client.of('queues').at(-1)?.queues[0]?.waiting === 2);
      const second = await open().subscribe(['queues']);
      expect((await second.first('queues')).queues[0]?.waiting).toBe(2);
    });
  });

  describe('resuming', () => {
    it('gives what was missed, in order, once, while everything commits at the same time', async () => {
      const streamId = await seed.stream();
      const epochId = await seed.epoch(streamId);
      const segments: string[] = [];
      for (let sequence = 0; sequence < 120; sequence += 1) segments.push(await seed.segment(streamId, epochId, sequence));
      const watcher = await open().subscribe([`stream:${streamId}`]);
      const start = (await watcher.first('subscribed')).cursor;

      // Transactions that begin in order and commit in disorder: ids and xids alone would lead a cursor astray.
      const committing = (async () => {
        const writers = Array.from({ length: 6 }, (_, lane) => async () => {
          for (let index = lane; index < segments.length; index += 6) {
            const connection = await api.sql.connect();
            try {
              await connection.query('BEGIN');
              await seed.run(segments[index]!, ['cat'], { on: connection });
              await new Promise((resolve) => setTimeout(resolve, (index * 7) % 40));
              await connection.query('COMMIT');
            } finally {
              connection.release();
            }
            await seed.ring();
          }
        });
        await Promise.all(writers.map((write) => write()));
      })();

      // A client that is cut off again and again and resumes with the last cursor it saw.
      const seen: string[] = [];
      let cursor = start;
      let settled = false;
      void committing.then(() => (settled = true));
      for (let round = 0; round < 200 && seen.length < segments.length; round += 1) {
        const client = await open().subscribe([`stream:${streamId}`, 'runs'], cursor);
        await waitFor(
          'some runs, or the end',
          () => client.of('run.finished').length >= 5 || seen.length + client.of('run.finished').length >= segments.length,
          30_000,
          5,
        );
        client.socket.terminate();
        expect(client.of('reset')).toEqual([]);
        for (const message of client.of('run.finished')) {
          seen.push(message.run.id);
          cursor = message.cursor;
        }
      }
      await committing;
      expect(settled).toBe(true);
      await waitFor('the watcher to have all', () => watcher.of('run.finished').length === segments.length);
      const order = watcher.of('run.finished').map((message) => message.run.id);
      expect(new Set(order).size).toBe(segments.length);
      expect(seen).toEqual(order);
    });

    it('reaches back further than memory', async () => {
      const hello = await open().first('hello');
      const streamId = await seed.stream();
      await api.sql.query(
        `INSERT INTO feed (kind, stream_id) SELECT CASE WHEN n % 100 = 0 THEN 'stream.changed' ELSE 'nothing.known' END, $1
          FROM generate_series(1, 9000) n`,
        [streamId],
      );
      await api.sql.query(`INSERT INTO feed (kind, stream_id) SELECT 'stream.changed', $1 FROM generate_series(1, 6000) n`, [streamId]);
      await seed.ring();
      const watcher = await open().subscribe(['streams'], hello.cursor);
      const expected = 1 + 90 + 6_000;
      await waitFor('everything since', () => watcher.of('stream.changed').length >= expected, 60_000);
      const cursors = watcher.of('stream.changed').map((message) => message.cursor);
      expect(cursors).toHaveLength(expected);
      expect(new Set(cursors).size).toBe(expected);
      await seed.stream();
      await waitFor('what is new', () => watcher.of('stream.changed').length === expected + 1);
    });

    it('is told to fetch afresh when the cursor is not one of this feed', async () => {
      for (const cursor of ['x', '-1-1', '99999999999-1', '1-1; DROP TABLE feed']) {
        const client = await open().subscribe(['streams'], cursor);
        expect([cursor, (await client.first('reset')).reason]).toEqual([cursor, expect.any(String)]);
        const next = await seed.stream();
        await waitFor('the live flow', () => client.of('stream.changed').some((message) => message.stream.id === next));
      }
    });

    it('is told to fetch afresh when the feed no longer reaches back to the cursor', async () => {
      const other = await ApiApp.start();
      const own: Client[] = [];
      try {
        const headers = { cookie: await other.signIn(), origin: other.url };
        const connectOne = (): Client => {
          const client = new Client(other.url, headers);
          own.push(client);
          return client;
        };
        const otherSeed = new LedgerSeed(other.sql);
        const watcher = await connectOne().subscribe(['streams']);
        const { cursor } = await watcher.first('subscribed');
        const streamId = await otherSeed.stream();
        await other.sql.query(`INSERT INTO feed (kind, stream_id) SELECT 'stream.changed', $1 FROM generate_series(1, 6000) n`, [streamId]);
        await otherSeed.ring();
        await waitFor('the watcher to have all', () => watcher.of('stream.changed').length === 6_001, 60_000);

        expect((await connectOne().subscribe(['streams'], cursor)).of('reset')).toEqual([]);
        await other.sql.query('DELETE FROM feed WHERE id < (SELECT max(id) FROM feed)');
        const late = await connectOne().subscribe(['streams'], cursor);
        expect((await late.first('reset')).reason).toContain('no longer reaches back');
        const next = await otherSeed.stream();
        await waitFor('the live flow', () => late.of('stream.changed').some((message) => message.stream.id === next));
        expect(late.of('stream.changed')).toHaveLength(1);
      } finally {
        for (const client of own) client.socket.terminate();
        await other.stop();
      }
    });
  });

  it('cuts off a client that does not read; the others go on, and it resumes where it stood', async () => {
    const runs = 16;
    const streamId = await seed.stream();
    const epochId = await seed.epoch(streamId);
    const segmentId = await seed.segment(streamId, epochId, 0);
    const slow = await open().subscribe([`stream:${streamId}`]);
    const quick = await open().subscribe([`stream:${streamId}`]);
    slow.socket.pause();
    const labels = Array.from({ length: 2_000 }, (_, index) => `label-${index}-${'x'.repeat(100)}`);
    for (let run = 1; run <= runs; run += 1) {
      await seed.run(segmentId, labels, { analyzerId: `vedette.test.${run}` });
      await waitFor('the quick client to have it', () => quick.of('run.finished').length === run);
    }
    await new Promise((resolve) => setTimeout(resolve, 2_500)); // the server's grace for a close that is not answered
    slow.socket.resume();
    expect([1006, 4408]).toContain(await slow.closing());
    const had = slow.of('run.finished');
    expect(had.length).toBeLessThan(runs);

    const back = await open().subscribe([`stream:${streamId}`], had.at(-1)?.cursor ?? slow.of('subscribed')[0]?.cursor);
    await waitFor('the rest', () => back.of('run.finished').length === runs - had.length, 30_000);
    const order = quick.of('run.finished').map((message) => message.run.id);
    expect([...had, ...back.of('run.finished')].map((message) => message.run.id)).toEqual(order);
    expect(quick.closed).toBeNull();
  });
});
