import { beforeEach, describe, expect, it } from 'vitest';
import { NARROWEST_MS, TimelineWindow, WIDEST_MS } from './timeline-window';

const HOUR_MS = 3_600_000;
let nowMs: number;
let window: TimelineWindow;

beforeEach(() => {
  nowMs = Date.parse('2026-11-28T10:00:00Z');
  window = new TimelineWindow(() => nowMs, HOUR_MS);
});

describe(TimelineWindow.name, () => {
  it('follows the present until somebody looks elsewhere, and again when they come back to it', () => {
    nowMs += 10_000;
    window.tick();
    expect(window.span().toMs).toBeGreaterThan(nowMs);
    window.pan(-HOUR_MS);
    const { fromMs } = window.span();
    nowMs += 10_000;
    window.tick();
    expect([window.follows(), window.span().fromMs]).toEqual([false, fromMs]);
    window.pan(2 * HOUR_MS);
    expect(window.follows()).toBe(true);
  });

  it('keeps the moment below the pointer where it is while it zooms', () => {
    window.pan(-5 * HOUR_MS);
    const anchor = window.span().fromMs + 0.25 * window.lengthMs();
    window.zoom(0.5, anchor);
    expect((anchor - window.span().fromMs) / window.lengthMs()).toBeCloseTo(0.25, 9);
    expect(window.lengthMs()).toBeCloseTo(HOUR_MS / 2, 6);
  });

  it('shows neither less than half a minute nor more than thirty days, nor what is yet to come', () => {
    window.zoom(1e-9);
    expect(window.lengthMs()).toBe(NARROWEST_MS);
    window.zoom(1e9);
    expect(window.lengthMs()).toBe(WIDEST_MS);
    window.pan(1e15);
    expect(window.span().toMs).toBeLessThan(nowMs + WIDEST_MS * 0.05);
    window.pan(-1e15);
    expect(window.span().fromMs).toBeGreaterThan(nowMs - 400 * 86_400_000);
  });

  it('turns the page when what is played runs out of sight, and not while one looks elsewhere', () => {
    window.pan(-5 * HOUR_MS);
    const { toMs } = window.span();
    window.keepInSight(toMs - 1_000, toMs + 500);
    expect(window.span().fromMs).toBeGreaterThan(toMs - HOUR_MS / 2);
    const { fromMs } = window.span();
    window.keepInSight(fromMs - 10 * HOUR_MS, fromMs - 10 * HOUR_MS + 500);
    expect(window.span().fromMs).toBe(fromMs);
  });
});
