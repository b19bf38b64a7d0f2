import { describe, expect, it } from 'vitest';
import { aSegment } from '../testing/wire-samples';
import { ApiClient } from './api-client';
import { ApiError, problemFrom } from './problem';

const client = (...answers: (Response | Error)[]) => {
  const asked: Request[] = [];
  const api = new ApiClient('https://cams.test/vedette', async (request) => {
    asked.push(request);
    const answer = answers.shift();
    if (!answer || answer instanceof Error) throw answer ?? new Error('no answer left');
    return answer;
  });
  return { api, asked };
};
const json = (body: unknown, status = 200): Response => new Response(JSON.stringify(body), { status });
const caught = async (work: Promise<unknown>): Promise<ApiError> =>
  work.then(
    () => expect.fail('it did not reject'),
    (error: unknown) => error as ApiError,
  );

describe(ApiClient.name, () => {
  it('passes the server’s problem on as it is', async () => {
    const problem = { type: 't', title: 'Taken', status: 409, detail: 'd', code: 'VD_X', fix: 'f' };
    const { api } = client(json(problem, 409));
    expect((await caught(api.queues())).problem).toEqual(problem);
  });

  it('makes a problem with a fix of an answer that is none, and of no answer', async () => {
    const { api } = client(new Response('<html>Bad gateway', { status: 502 }), new TypeError('Failed to fetch'));
    expect((await caught(api.system())).problem).toMatchObject({ code: 'HTTP_502', status: 502 });
    const offline = await caught(api.system());
    expect(offline.problem).toMatchObject({ code: 'UNREACHABLE', status: 0 });
    expect(offline.problem.fix).toBeTruthy();
  });

  it('takes it for an answer that Vedette is not well, and nothing else for one', async () => {
    const unwell = { status: 'unavailable', reasons: ['no-worker'], issues: [{ code: 'no-worker', reason: 'r', fix: 'f' }] };
    const { api } = client(json(unwell, 503), new Response('<html>Bad gateway', { status: 502 }), new TypeError('Failed to fetch'));
    expect(await api.health()).toEqual(unwell);
    expect((await caught(api.health())).problem.code).toBe('UNREACHABLE');
    expect((await caught(api.health())).problem.code).toBe('UNREACHABLE');
  });

  it('says when the session is over', async () => {
    const { api } = client(json({ code: 'VD_AUTH_REQUIRED', title: 'Not signed in', status: 401 }, 401));
    let told = 0;
    api.onUnauthorised = () => told++;
    await caught(api.streams());
    expect(told).toBe(1);
  });

  it('follows the pages of a list, no further than told', async () => {
    const { api, asked } = client(json({ items: [aSegment(0)], next: 'p2' }), json({ items: [aSegment(1)], next: 'p3' }));
    const items = await api.pages('s 1', 'segments', { from: '2026-11-23T10:00:00Z', limit: 1 }, 2);
    expect(items.map((segment) => segment.sequence)).toEqual([0, 1]);
    expect(asked.map(({ url }) => url)).toEqual([
      'https://cams.test/vedette/api/streams/s%201/segments?from=2026-11-23T10%3A00%3A00Z&limit=1',
      'https://cams.test/vedette/api/streams/s%201/segments?from=2026-11-23T10%3A00%3A00Z&limit=1&after=p2',
    ]);
  });

  it('sends the token in the body, never in an address', async () => {
    const { api, asked } = client(json({ user: {} }));
    await api.signIn({ token: 'secret' });
    expect(asked[0]?.url).toBe('https://cams.test/vedette/api/session');
    expect(await asked[0]?.text()).toBe('{"token":"secret"}');
  });

  it('sends an image as it is, under its own type', async () => {
    const { api, asked } = client(json({ id: 'r' }, 201));
    await api.addReference('b', new Blob(['pixels'], { type: 'image/png' }), { variant: 'dark' });
    expect(asked[0]?.url).toBe('https://cams.test/vedette/api/brands/b/references?variant=dark');
    expect(asked[0]?.headers.get('content-type')).toBe('image/png');
    expect(await asked[0]?.text()).toBe('pixels');
  });

  it('takes an answer without a body', async () => {
    const { api } = client(new Response(null, { status: 204 }));
    await expect(api.signOut()).resolves.toBeUndefined();
  });
});

describe(problemFrom.name, () => {
  it('has a fix for whatever was thrown', () => {
    expect(problemFrom('boom')).toMatchObject({ code: 'PAGE', detail: 'boom' });
  });
});
