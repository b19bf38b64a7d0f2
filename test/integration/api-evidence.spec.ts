import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exposureReportWire } from '../../src/core/wire/exposure.wire.js';
import { type EventWire, eventWire, pageOf } from '../../src/core/wire/wire.js';
import { ApiApp } from '../support/api-app.js';
import { jpegSaying } from '../support/evidence.js';
import { LedgerSeed } from '../support/ledger-seed.js';
import { RestReader } from '../support/rest-reader.js';

const PTS_ORIGIN_US = 1_400_000;

describe('evidence by REST', () => {
  let api: ApiApp;
  let seed: LedgerSeed;
  let rest: RestReader;
  let admin: string;
  let viewer: string;
  beforeAll(async () => {
    api = await ApiApp.start();
    seed = new LedgerSeed(api.sql);
    await seed.partitions();
    rest = new RestReader(api, await api.signIn());
    admin = (await api.apiToken('admin')).token;
    viewer = (await api.apiToken('viewer')).token;
  });
  afterAll(() => api.stop());

  /** An event with a picture, of 0.5 s into its segment. */
  async function seen(
    options: { private?: boolean; ptsUs?: number } = {},
  ): Promise<{ streamId: string; epochId: string; eventId: string }> {
    const streamId = await seed.stream(options);
    const epochId = await seed.epoch(streamId, { ptsOriginUs: PTS_ORIGIN_US });
    const runId = await seed.run(await seed.segment(streamId, epochId, 0), ['Acme'], { score: 0.9 });
    const { rows } = await api.sql.query<{ id: string }>('SELECT id FROM events WHERE last_run_id = $1', [runId]);
    const eventId = rows[0]!.id;
    await api.sql.query(
      `INSERT INTO evidence (event_id, run_id, pts_us, rank, x, y, width, height, region_x, region_y, region_width, region_height, width_px,
        height_px, jpeg) VALUES ($1, $2, $3, 0.7, 0.5, 0.25, 0.1, 0.1, 0.25, 0, 0.5, 0.5, 320, 180, $4)`,
      [eventId, runId, options.ptsUs ?? PTS_ORIGIN_US, jpegSaying(eventId)],
    );
    return { streamId, epochId, eventId };
  }
  const eventsOf = async (streamId: string): Promise<EventWire[]> =>
    (await rest.get(`/api/streams/${streamId}/events`, pageOf(eventWire.strict()))).items;

  it('is named by its event, with what it shows', async () => {
    const { streamId, eventId } = await seen();
    expect((await eventsOf(streamId))[0]!.evidence).toEqual({
      ...{ eventId, url: `/api/events/${eventId}/evidence?ptsUs=${PTS_ORIGIN_US}`, ptsUs: PTS_ORIGIN_US, rank: 0.7 },
      ...{ box: { x: 0.5, y: 0.25, width: 0.1, height: 0.1 }, region: { x: 0.25, y: 0, width: 0.5, height: 0.5 } },
      ...{ widthPx: 320, heightPx: 180 },
    });
    await api.sql.query('DELETE FROM evidence WHERE event_id = $1', [eventId]);
    expect((await eventsOf(streamId))[0]!.evidence).toBeNull();
  });

  it('is a JPEG that is shown and not run, and is not sent twice', async () => {
    const { streamId, eventId } = await seen();
    const { url } = (await eventsOf(streamId))[0]!.evidence!;
    const response = await api.call('GET', url, { bearer: viewer });
    expect(Buffer.from(await response.arrayBuffer())).toEqual(jpegSaying(eventId));
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'image/jpeg',
      'content-length': String(jpegSaying(eventId).length),
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'private, max-age=31536000, immutable',
    });
    const headers = { 'if-none-match': response.headers.get('etag')! };
    expect((await api.call('GET', url, { bearer: viewer, headers })).status).toBe(304);
    // Another picture may have taken its place: then the address is of one that is gone, and what is sent is not kept.
    await api.sql.query('UPDATE evidence SET pts_us = pts_us + 1, run_id = run_id + 1, jpeg = $2 WHERE event_id = $1', [
      eventId,
      jpegSaying('better'),
    ]);
    const better = await api.call('GET', url, { bearer: viewer, headers });
    expect([better.status, better.headers.get('cache-control')]).toEqual([200, 'private, no-cache']);
    expect(Buffer.from(await better.arrayBuffer())).toEqual(jpegSaying('better'));
  });

  it('is asked for each time where its stream is private, and not there for those who do not see that', async () => {
    const { eventId } = await seen({ private: true });
    const path = `/api/events/${eventId}/evidence?ptsUs=${PTS_ORIGIN_US}`;
    const shown = await api.call('GET', path, { bearer: admin });
    expect([shown.status, shown.headers.get('cache-control')]).toEqual([200, 'private, no-cache']);
    const hidden = await api.call('GET', path, { bearer: viewer });
    const missing = await api.call('GET', `/api/events/999999999/evidence`, { bearer: viewer });
    expect([hidden.status, missing.status]).toEqual([404, 404]);
    const told = async (response: Response, id: string): Promise<string> => (await response.text()).replaceAll(id, '#');
    expect(await told(hidden, eventId)).toBe(await told(missing, '999999999'));
    expect((await api.call('GET', path)).status).toBe(401);
  });

  it.each([
    ['0x10/evidence', 400, 'VD_API_INVALID'],
    ['..%2f..%2fetc%2fpasswd/evidence', 400, 'VD_API_INVALID'],
    ['9999999999999999999999/evidence', 400, 'VD_API_INVALID'],
    ['1/evidence?ptsUs=now', 400, 'VD_API_INVALID'],
    ['1/evidence?path=/etc/passwd', 400, 'VD_API_INVALID'],
    ['999999999/evidence', 404, 'VD_API_NOT_FOUND'],
  ])('refuses %s with %d', async (path, status, code) => {
    const response = await api.call('GET', `/api/events/${path}`, { bearer: admin });
    expect([response.status, (await response.json()) as object]).toEqual([status, expect.objectContaining({ code, status })]);
  });

  it('is gone with its stream', async () => {
    const { streamId, eventId } = await seen();
    expect((await api.call('DELETE', `/api/streams/${streamId}`, { bearer: admin })).status).toBe(204);
    expect((await api.call('GET', `/api/events/${eventId}/evidence`, { bearer: admin })).status).toBe(404);
  });

  it('is named by the appearance in which it was taken, in reports and exports', async () => {
    const { streamId, epochId, eventId } = await seen();
    const other = await seen({ ptsUs: PTS_ORIGIN_US + 10_000_000 });
    for (const { eventId: id } of [{ eventId }, other])
      await api.sql.query(`UPDATE events SET data = '{"label":"Acme"}' WHERE id = $1`, [id]);
    const range = `epochId=${epochId}`;
    const report = exposureReportWire
      .strict()
      .parse(await rest.get(`/api/streams/${streamId}/exposure/report?${range}`, exposureReportWire));
    expect(report.appearances).toMatchObject([{ label: 'Acme', evidence: { eventId, rank: 0.7 } }]);
    const exported = await api.call('GET', `/api/streams/${streamId}/exposure/export?of=appearances&format=json&${range}`, {
      bearer: admin,
    });
    expect(await exported.json()).toMatchObject({
      appearances: [{ evidence: { url: `/api/events/${eventId}/evidence?ptsUs=${PTS_ORIGIN_US}` } }],
    });
    // The other's picture was taken when the brand was not seen.
    const without = await rest.get(`/api/streams/${other.streamId}/exposure/report?epochId=${other.epochId}`, exposureReportWire);
    expect(without.appearances).toMatchObject([{ label: 'Acme', evidence: null }]);
  });
});
