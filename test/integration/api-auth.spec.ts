import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newTokenWire, problemWire, sessionWire } from '../../src/core/api/wire/wire.js';
import { ApiApp, cookieOf } from '../support/api-app.js';

describe('signing in', () => {
  let api: ApiApp;
  beforeAll(async () => {
    api = await ApiApp.start();
  });
  afterAll(() => api.stop());

  it('lets the first admin in once with the token of the banner', async () => {
    const first = await api.admin.ensureFirstAdmin();
    const second = await api.admin.ensureFirstAdmin();
    expect(second?.token).not.toBe(first?.token);
    expect((await api.call('POST', '/api/session', { body: { token: first?.token } })).status).toBe(401);

    const response = await api.call('POST', '/api/session', { body: { token: second?.token } });
    expect(response.status).toBe(200);
    expect(sessionWire.parse(await response.json()).user.role).toBe('admin');
    const cookie = response.headers.getSetCookie()[0] ?? '';
    expect(cookie).toMatch(/^vedette_session=vds_[\w-]{32}; Path=\/; Expires=.*; HttpOnly; SameSite=Strict$/);
    expect((await api.call('GET', '/api/session', { cookie: cookieOf(response) })).status).toBe(200);

    expect((await api.call('POST', '/api/session', { body: { token: second?.token } })).status).toBe(401);
    expect(await api.admin.ensureFirstAdmin()).toBeNull();
  });
});
