import { beforeEach, describe, expect, it } from 'vitest';
import type { WallTileWire } from '../../api/models';
import { T0, at } from '../../testing/wire-samples';
import { WallState } from './wall-state';

const tile = (streamId: string, picture: number): WallTileWire => ({
  ...{ streamId, mediaUpTo: null, analysedUpTo: null, analysisLagMs: null, event: null, openEvents: [] },
  picture: { url: `/frame/${streamId}/${picture}`, at: at(picture) },
});

describe(WallState.name, () => {
  let nowMs: number;
  let newest: number;
  let asked: number;
  let beat: (() => void) | null;
  let state: WallState;
  beforeEach(() => {
    [nowMs, newest, asked, beat] = [T0, 1, 0, null];
    state = new WallState(
      {
        wall: async () => {
          asked++;
          return ['a', 'b'].map((id) => tile(id, newest));
        },
      },
      {
        now: () => nowMs,
        every: (_, run) => {
          beat = run;
          return () => (beat = null);
        },
      },
    );
  });
  const later = async (ms: number, picture: number): Promise<void> => {
    nowMs += ms;
    newest = picture;
    await state.load();
  };

  it('fetches pictures of tiles in sight alone', async () => {
    await state.load();
    expect([state.pictureOf('a'), state.pictureOf('b')]).toEqual([null, null]);
    state.setInSight('a', true);
    expect(state.pictureOf('a')).toEqual({ url: '/frame/a/1', atMs: T0 + 1 });
    expect(state.pictureOf('b')).toBeNull();
    state.setInSight('a', false);
    await later(10_000, 2);
    expect(state.pictureOf('a')?.url).toBe('/frame/a/1');
    state.setInSight('a', true);
    expect(state.pictureOf('a')?.url).toBe('/frame/a/2');
  });

  it('changes a picture the seldomer, the more tiles are in sight', async () => {
    await state.load();
    state.setInSight('a', true);
    await later(1_000, 2);
    expect(state.pictureOf('a')?.url).toBe('/frame/a/1');
    await later(1_000, 2);
    expect(state.pictureOf('a')?.url).toBe('/frame/a/2');
    for (let n = 0; n < 20; n++) state.setInSight(`other-${n}`, true);
    await later(2_000, 3);
    expect(state.pictureOf('a')?.url).toBe('/frame/a/2');
    await later(5_000, 4);
    expect(state.pictureOf('a')?.url).toBe('/frame/a/4');
  });

  it('asks while it is watched, and no longer', async () => {
    const stop = state.watch();
    await expect.poll(() => state.tiles().size).toBe(2);
    beat?.();
    await expect.poll(() => asked).toBe(2);
    stop();
    expect(beat).toBeNull();
  });
});
