import { beforeEach, describe, expect, it } from 'vitest';
import { ApiClient } from '../../api/api-client';
import { deferred } from '../../testing/deferred';
import { TrialState } from './trial-state';

const MOMENT_MS = Date.parse('2026-11-28T10:00:05.000Z');
const box = { x: 0.1, y: 0.1, width: 0.2, height: 0.2 };
const answer = (...found: { ptsUs: number; score: number }[]) => ({
  ...{ image: {}, analyzerId: 'logo-detection', epochId: 'e1', fromPtsUs: 1_000_000, toPtsUs: 3_000_000, framesSeen: 5 },
  found: found.map((one) => ({ ...one, box })),
});
const segment = { epochId: 'e1', at: '2026-11-28T10:00:04.000Z', ptsStartUs: 1_000_000, ptsEndUs: 3_000_000 };

describe(TrialState.name, () => {
  let asked: URL[];
  let body: string;
  let segments: object[];
  let answers: (() => Response | Promise<Response>)[];
  let state: TrialState;
  const image = new Blob(['pixels'], { type: 'image/png' });
  beforeEach(() => {
    asked = [];
    segments = [segment];
    answers = [];
    const api = new ApiClient('http://vedette.test', async (request) => {
      const url = new URL(request.url);
      asked.push(url);
      if (url.pathname.endsWith('/segments')) return Response.json({ items: segments, next: null });
      body = await request.text();
      return (answers.shift() ?? (() => Response.json(answer())))();
    });
    state = new TrialState(api);
  });
  const params = (): Record<string, string> => Object.fromEntries(asked.at(-1)!.searchParams);

  it('shows the picture on which it is surest, and steps through the others', async () => {
    answers = [
      () => Response.json(answer({ ptsUs: 1_400_000, score: 0.6 }, { ptsUs: 1_800_000, score: 0.9 }, { ptsUs: 1_800_000, score: 0.7 })),
    ];
    await state.run(image, 's1', null);
    expect([params(), body]).toEqual([{ streamId: 's1' }, 'pixels']);
    expect(state.frame()).toMatchObject({ ptsUs: 1_800_000, url: '/api/streams/s1/frame?epochId=e1&ptsUs=1800000&widthPx=720' });
    expect(state.frame()!.boxes).toHaveLength(2);
    state.step(-1);
    state.step(-1);
    expect([state.position(), state.frame()!.ptsUs]).toEqual([0, 1_400_000]);
  });

  it('shows where it was looked for where nothing was found', async () => {
    await state.run(image, 's1', null);
    expect(state.frame()).toMatchObject({ ptsUs: 2_000_000, boxes: [] });
  });

  it('finds the moment in the media', async () => {
    await state.run(image, 's1', MOMENT_MS);
    expect(params()).toEqual({ streamId: 's1', epochId: 'e1', ptsUs: '2000000' });
  });

  it('says that there is no media then', async () => {
    segments = [{ ...segment, ptsEndUs: 1_500_000 }];
    await state.run(image, 's1', MOMENT_MS);
    expect(state.problem()?.code).toBe('VD_FRAME_NOT_FOUND');
    segments = [];
    await state.run(image, 's1', MOMENT_MS);
    expect([state.problem()?.code, state.isRunning()]).toEqual(['VD_FRAME_NOT_FOUND', false]);
  });

  it('forgets what was found of another image, also what comes late', async () => {
    const late = deferred<Response>();
    answers = [() => late.promise];
    const running = state.run(image, 's1', null);
    await expect.poll(() => asked.length).toBe(1);
    state.clear();
    late.resolve(Response.json(answer({ ptsUs: 1_400_000, score: 0.6 })));
    await running;
    expect([state.result(), state.isRunning()]).toEqual([null, false]);
  });
});
