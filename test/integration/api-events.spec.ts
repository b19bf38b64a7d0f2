import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventGroupWire, reviewWire, type EventGroupWire } from '../../src/core/wire/events.wire.js';
import { pageOf } from '../../src/core/wire/wire.js';
import { ApiApp } from '../support/api-app.js';
import { jpegSaying } from '../support/evidence.js';
import { LedgerSeed } from '../support/ledger-seed.js';
import { RestReader } from '../support/rest-reader.js';

const [LOGO, RULES] = ['logo-detection', 'vedette.test.look'];
/** The first second of an hour: what is seeded lies within that hour where it is not said otherwise. */
const HOUR_MS = Date.UTC(2026, 2, 1, 10);
const groups = pageOf(eventGroupWire.strict());

interface Seeded {
  readonly atS: number;
  readonly name?: string;
  readonly lastsS?: number | null;
  readonly data?: Record<string, unknown>;
  readonly analyzerId?: string;
}

describe('events of all streams', () => {
  let api: ApiApp;
  let admin: RestReader;
  let viewerToken: string;
  let seed: LedgerSeed;
  let [hall, vault] = ['', ''];
  const epochs = new Map<string, string>();

  beforeAll(async () => {
    api = await ApiApp.start();
    seed = new LedgerSeed(api.sql);
    await seed.partitions();
    admin = new RestReader(api, await api.signIn());
    viewerToken = (await api.apiToken('viewer')).token;
    hall = await seed.stream({ name: 'hall' });
    vault = await seed.stream({ name: 'vault', private: true });
    const gone = await seed.stream({ name: 'gone' });
    for (const streamId of [hall, vault, gone]) epochs.set(streamId, await seed.epoch(streamId, { startedAt: new Date(HOUR_MS) }));
    await write(hall, [
      { atS: 60, data: { label: 'Acme', meanScore: 0.9 } },
      { atS: 90, data: { label: 'Acme', meanScore: 0.7 } },
      { atS: 95, data: { label: 'Globex', meanScore: 0.5 } },
      { atS: 200, data: { label: 'Acme', meanScore: 0.8 } },
      { atS: 2_000, data: { label: 'Acme', meanScore: 0.8 }, lastsS: 30 },
      { atS: 3_590, data: { label: '=cmd|"x"!A1, "quoted"' } },
      { atS: 3_620, data: { label: '=cmd|"x"!A1, "quoted"' } },
      { atS: 4_000, name: 'motion', analyzerId: RULES, lastsS: null },
    ]);
    await write(vault, [{ atS: 100, data: { label: 'Acme' } }]);
    await write(gone, [{ atS: 100, data: { label: 'Acme' } }]);
    await api.sql.query('UPDATE streams SET deleted_at = now() WHERE id = $1', [gone]);
  });
  afterAll(() => api.stop());

  async function write(streamId: string, events: readonly Seeded[]): Promise<void> {
    for (const [n, { atS, name = 'logo', lastsS = 2, data, analyzerId = LOGO }] of events.entries())
      await api.sql.query(
        `INSERT INTO events (stream_id, epoch_id, analyzer_id, config_hash, key, name, state, start_pts_us, start_at, end_pts_us, end_at, data,
           first_run_id, last_run_id)
         SELECT $1::uuid, $2::uuid, $3, '0123456789abcdef', $4, $5, CASE WHEN $7::float8 IS NULL THEN 'open' ELSE 'closed' END, $6::float8 * 1e6,
           to_timestamp($8::float8) + $6::float8 * interval '1 second', ($6::float8 + $7::float8) * 1e6,
           to_timestamp($8::float8) + ($6::float8 + $7::float8) * interval '1 second', $9::jsonb, 1, 1`,
        [
          ...[streamId, epochs.get(streamId), analyzerId, `k${n} ${atS}`, name, atS, lastsS, HOUR_MS / 1000],
          data === undefined ? null : JSON.stringify(data),
        ],
      );
  }

  const list = (query = ''): Promise<{ items: EventGroupWire[]; next: string | null }> => admin.get(`/api/events?${query}`, groups);
  /** What each is of, how often, and at which second the newest and the oldest began. */
  const told = async (query = '') =>
    (await list(query)).items.map(({ event, count, firstStartAt }) => [
      `${event.streamName} ${event.subject ?? event.name}`,
      count,
      (Date.parse(event.startAt) - HOUR_MS) / 1000,
      (Date.parse(firstStartAt) - HOUR_MS) / 1000,
    ]);

  it('come newest first, with repeats as one: of one hour, and no further apart than is asked for', async () => {
    expect(await told(`streamId=${hall}`)).toEqual([
      ['hall motion', 1, 4_000, 4_000],
      ['hall =cmd|"x"!A1, "quoted"', 1, 3_620, 3_620],
      ['hall =cmd|"x"!A1, "quoted"', 1, 3_590, 3_590],
      ['hall Acme', 1, 2_000, 2_000],
      ['hall Acme', 3, 200, 60],
      ['hall Globex', 1, 95, 95],
    ]);
    expect((await told(`streamId=${hall}&repeatsWithinS=100`)).slice(4)).toEqual([
      ['hall Acme', 1, 200, 200],
      ['hall Globex', 1, 95, 95],
      ['hall Acme', 2, 90, 60],
    ]);
    expect(await told(`streamId=${hall}&repeatsWithinS=0`)).toHaveLength(8);
  });

  it('go on page after page, no group of them cut in two', async () => {
    for (const repeats of [0, 120, 3_600]) {
      const whole = (await list(`repeatsWithinS=${repeats}`)).items;
      const paged: EventGroupWire[] = [];
      for (let after = ''; ;) {
        const { items, next } = await list(`repeatsWithinS=${repeats}&limit=2${after}`);
        paged.push(...items);
        if (next === null) break;
        after = `&after=${next}`;
      }
      expect(paged).toEqual(whole);
      expect(whole.flatMap(({ eventIds }) => eventIds).length).toBe(9);
    }
    expect((await admin.refusal('GET', '/api/events?after=1.2.3')).code).toBe('VD_API_INVALID');
  });

  it.each([
    ['subject=Globex', ['Globex']],
    ['subject=Globex&subject=nobody', ['Globex']],
    ['subject=glob', []],
    ['query=LOBE', ['Globex']],
    ['query=MOTIO', ['motion']],
    ['query=%25', []],
    ['name=motion', ['motion']],
    [`analyzerId=${RULES}`, ['motion']],
    ['state=open', ['motion']],
    ['minScore=0.9', ['Acme']],
    ['minDurationMs=30000', ['motion', 'Acme']],
    ['minDurationMs=30001', ['motion']],
    ['from=2026-03-01T11:06:40Z', ['motion']],
    ['to=2026-03-01T10:01:00.001Z', ['Acme']],
    ['from=2026-03-01T10:01:35Z&to=2026-03-01T10:02:00Z', ['Acme', 'Globex']],
  ])('are those that are asked for: %s', async (query, subjects) => {
    expect((await list(query)).items.map(({ event }) => event.subject ?? event.name)).toEqual(subjects);
  });

  it('say how sure the analyzer was, and how far an open one is known to have lasted', async () => {
    const [open] = (await list('state=open')).items;
    expect(open!.event).toMatchObject({ score: null, subject: null, endAt: null, analysedUpTo: null });
    const epochId = epochs.get(hall)!;
    for (const sequence of [1_999, 2_000, 2_001]) await seed.segment(hall, epochId, sequence);
    await api.sql.query(
      `INSERT INTO analyzer_checkpoints (stream_id, analyzer_id, config_hash, epoch_id, sequence, data) VALUES ($1, $2, '0123456789abcdef', $3, 2000, '{}')`,
      [hall, RULES, epochId],
    );
    const [known] = (await list('state=open')).items;
    expect(known!.event.analysedUpTo).toBe(new Date(HOUR_MS + 4_002_000).toISOString());
    expect((await list('subject=Globex')).items[0]!.event).toMatchObject({ score: 0.5, analysedUpTo: null, isReviewed: false });
  });

  it('bring their evidence', async () => {
    const [globex] = (await list('subject=Globex')).items;
    expect(globex!.event.evidence).toBeNull();
    await api.sql.query(
      `INSERT INTO evidence (event_id, run_id, pts_us, rank, x, y, width, height, region_x, region_y, region_width, region_height, width_px,
        height_px, jpeg) VALUES ($1, 1, 95000000, 0.7, 0.5, 0.25, 0.1, 0.1, 0.25, 0, 0.5, 0.5, 320, 180, $2)`,
      [globex!.event.id, jpegSaying('globex')],
    );
    expect((await list('subject=Globex')).items[0]!.event.evidence).toMatchObject({ eventId: globex!.event.id, widthPx: 320 });
  });

  it('are shown to viewers without those of private streams, which they cannot name either', async () => {
    const response = await api.call('GET', '/api/events?subject=Acme&repeatsWithinS=3600', { bearer: viewerToken });
    expect(groups.parse(await response.json()).items.map(({ event }) => event.streamName)).toEqual(['hall']);
    expect(await told('subject=Acme&repeatsWithinS=3600')).toHaveLength(2);
    const refused = await admin.refusal('GET', `/api/events?streamId=${vault}`, { bearer: viewerToken });
    expect([refused.status, refused.code]).toEqual([404, 'VD_API_NOT_FOUND']);
    expect((await api.call('GET', '/api/events')).status).toBe(401);
  });

  it.each([
    ['minScore=2', 'minScore'],
    ['repeatsWithinS=3601', 'repeatsWithinS'],
    ['limit=201', 'limit'],
    ['reviewed=maybe', 'reviewed'],
    ['streamId=hall', 'streamId.0'],
    ['where=1', ''],
  ])('are not asked for by %s', async (query, path) => {
    const { status, code, paths } = await admin.refusal('GET', `/api/events?${query}`);
    expect([status, code, paths]).toEqual([400, 'VD_API_INVALID', [path]]);
  });

  describe('reviewed', () => {
    const review = async (ids: readonly string[], reviewed: boolean, bearer: string): Promise<number> => {
      const response = await api.call('POST', '/api/events/review', { bearer, body: { ids, reviewed } });
      expect(response.status).toBe(200);
      return reviewWire.parse(await response.json()).changed;
    };

    it('is each person’s own, can be undone, and goes with the event', async () => {
      const adminToken = (await api.apiToken('admin')).token;
      const acme = (await list(`subject=Acme&streamId=${hall}`)).items[1]!;
      expect(await review(acme.eventIds.slice(0, 2), true, adminToken)).toBe(2);
      expect(await review(acme.eventIds, true, adminToken)).toBe(1);
      const inList = async (query: string) => (await list(`subject=Acme&streamId=${hall}${query}`)).items.map(({ count }) => count);
      expect([await inList('&reviewed=yes'), await inList('&reviewed=no')]).toEqual([[3], [1]]);
      expect((await list(`subject=Acme&streamId=${hall}`)).items[1]).toMatchObject({ reviewedCount: 3, event: { isReviewed: true } });
      const others = await api.call('GET', '/api/events?reviewed=yes', { bearer: viewerToken });
      expect(groups.parse(await others.json()).items).toEqual([]);
      expect(await review(acme.eventIds.slice(1), false, adminToken)).toBe(2);
      // A group is what is asked for of it: of three, two are not reviewed.
      expect(await inList('&reviewed=no')).toEqual([1, 2]);
      await api.sql.query('DELETE FROM events WHERE id = $1', [acme.eventIds[0]]);
      expect((await api.sql.query('SELECT 1 FROM event_reviews')).rows).toEqual([]);
    });

    it('is a mark that viewers may set too, on what they see', async () => {
      const all = (await list('repeatsWithinS=0')).items;
      const idOf = (stream: string): string => all.find(({ event }) => event.streamName === stream)!.event.id;
      expect(await review([idOf('hall'), idOf('vault'), '999999999'], true, viewerToken)).toBe(1);
    });

    it.each([
      [{ ids: [], reviewed: true }],
      [{ ids: Array.from({ length: 501 }, (_, n) => String(n)), reviewed: true }],
      [{ ids: ["1'; DROP TABLE events"], reviewed: true }],
      [{ ids: ['1'], reviewed: 'yes' }],
      [{ ids: ['1'], reviewed: true, userId: 'somebody' }],
    ])('takes no %j', async (body) => {
      const response = await api.call('POST', '/api/events/review', { bearer: viewerToken, body });
      expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([400, 'VD_API_INVALID']);
    });
  });

  describe('as a file', () => {
    const file = async (query: string): Promise<{ text: string; headers: Headers }> => {
      const response = await api.call('GET', `/api/events/export?${query}`, { bearer: viewerToken });
      expect(response.status).toBe(200);
      return { text: await response.text(), headers: response.headers };
    };

    it('are lines of CSV that no spreadsheet takes for a formula', async () => {
      const { text, headers } = await file('format=csv&query=cmd');
      const [header, first] = text.split('\r\n');
      expect(header!.split(',').slice(0, 6)).toEqual(['id', 'stream', 'stream_title', 'analyzer', 'name', 'subject']);
      expect(first).toContain(`,logo,"'=cmd|""x""!A1, ""quoted""",closed,2026-03-01T11:00:20.000Z,`);
      expect(headers.get('content-disposition')).toMatch(/^attachment; filename="events \d{4}-\d\d-\d\d\.csv"/);
      expect(text.trimEnd().split('\r\n')).toHaveLength(3);
    });

    it('are events one by one as JSON Lines, by filter or by id', async () => {
      const lines = async (query: string) => {
        const { text } = await file(`format=jsonl&${query}`);
        return text === ''
          ? []
          : text
              .trimEnd()
              .split('\n')
              .map((line) => eventGroupWire.shape.event.strict().parse(JSON.parse(line)));
      };
      const acme = await lines('subject=Acme');
      expect(acme.map(({ streamName }) => new Set([streamName]).size)).toEqual(acme.map(() => 1));
      expect(await lines(`id=${acme[0]!.id},${acme[1]!.id}`)).toEqual(acme.slice(0, 2));
      expect(await lines('subject=nobody')).toEqual([]);
    });

    it('are not given in other formats, nor of private streams', async () => {
      expect((await admin.refusal('GET', '/api/events/export?format=xlsx')).paths).toEqual(['format']);
      expect((await admin.refusal('GET', '/api/events/export?format=csv&id=1,x')).paths).toEqual(['id.1']);
      expect((await file('format=csv')).text).not.toContain('vault');
    });
  });
});
