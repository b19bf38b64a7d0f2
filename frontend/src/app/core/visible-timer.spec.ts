import { beforeEach, describe, expect, it } from 'vitest';
import { everyWhileVisible, type Sight } from './visible-timer';

describe(everyWhileVisible.name, () => {
  let visible: boolean;
  let nowMs: number;
  let beat: () => void;
  let look: () => void;
  let stopped: string[];
  let runs: number;
  let sight: Sight;

  beforeEach(() => {
    visible = true;
    nowMs = 0;
    runs = 0;
    stopped = [];
    sight = {
      visible: () => visible,
      now: () => nowMs,
      onChange: (run) => {
        look = run;
        return () => void stopped.push('looking');
      },
      every: (_, run) => {
        beat = run;
        return () => void stopped.push('timer');
      },
    };
  });
  const tick = (ms: number): void => {
    nowMs += ms;
    beat();
  };
  const show = (shown: boolean, afterMs = 0): void => {
    nowMs += afterMs;
    visible = shown;
    look();
  };

  it('runs while the page is seen, and not while it is hidden', () => {
    everyWhileVisible(sight, 1_000, () => runs++);
    tick(1_000);
    expect(runs).toBe(1);
    show(false);
    tick(1_000);
    tick(1_000);
    expect(runs).toBe(1);
  });

  it('makes up for what fell due, once and at once, and for nothing that was not due', () => {
    everyWhileVisible(sight, 1_000, () => runs++);
    show(false);
    show(true, 400);
    expect(runs).toBe(0);
    show(false);
    show(true, 5_000);
    expect(runs).toBe(1);
  });

  it('stops altogether', () => {
    everyWhileVisible(sight, 1_000, () => runs++)();
    expect(stopped.sort()).toEqual(['looking', 'timer']);
  });
});
