import { signal } from '@angular/core';
import { beforeEach, describe, expect, it } from 'vitest';
import type { StreamWire } from '../../api/models';
import { HealthState } from '../../core/health-state';
import type { StatusState } from '../../core/status-state';
import { StreamsState } from '../../core/streams-state';
import { anIssue, aStream } from '../../testing/wire-samples';
import { WallPrefs } from './wall-prefs';
import { mosaicFor, WallView, type Shown } from './wall-view';

describe(WallView.name, () => {
  const streams = new StreamsState();
  const health = new HealthState();
  let filter: {
    text: ReturnType<typeof signal<string>>;
    shown: ReturnType<typeof signal<Shown>>;
    group: ReturnType<typeof signal<string>>;
    isFlat: ReturnType<typeof signal<boolean>>;
  };
  let prefs: WallPrefs;
  let view: WallView;
  const all: StreamWire[] = ['Anna', 'Berta', 'Cora'].map((title) => aStream({ id: title, name: title.toLowerCase(), title }));

  beforeEach(() => {
    all[2] = { ...all[2]!, state: 'stopped' };
    streams.replace(all);
    health.replace(
      all.map((stream) => ({
        ...stream,
        health: stream.title === 'Berta' ? { status: 'ok', issues: [anIssue()] } : { status: 'good', issues: [] },
      })),
    );
    filter = { text: signal(''), shown: signal<Shown>('all'), group: signal(''), isFlat: signal(false) };
    prefs = new WallPrefs(null);
    view = new WallView({ streams, health, status: { isCurrent: () => true } as StatusState }, { tiles: signal(new Map()) }, prefs, filter);
  });
  const shown = (): string =>
    view
      .groups()
      .map(({ name, streams: members }) => `${name}:${members.map(({ title }) => title[0]).join('')}`)
      .join(' ');

  it('counts what is live and what needs a look', () => {
    expect(view.counts()).toEqual({ all: 3, live: 2, look: 1 });
  });

  it('shows what is looked for', () => {
    expect(shown()).toBe(':ABC');
    filter.shown.set('look');
    expect(shown()).toBe(':B');
    filter.shown.set('live');
    filter.text.set(' AN');
    expect(shown()).toBe(':A');
    filter.text.set('nobody');
    expect(shown()).toBe('');
  });

  it('moves a stream within its group, and to another', () => {
    view.move(all[2]!, -1);
    expect(shown()).toBe(':ACB');
    view.move(all[2]!, -1);
    view.move(all[2]!, -1);
    expect(shown()).toBe(':CAB');
    view.move(all[2]!, 1);
    expect(shown()).toBe(':ACB');
    view.move(all[2]!, 1);
    view.move(all[2]!, 1);
    expect(shown()).toBe(':ABC');
    view.place(all[1]!, 'Hall', 0);
    expect(shown()).toBe('Hall:B :AC');
    filter.group.set('Hall');
    expect(shown()).toBe('Hall:B');
    filter.group.set('');
    filter.isFlat.set(true);
    expect(shown()).toBe(':BAC');
  });
});

describe(mosaicFor.name, () => {
  it('makes tiles as large as they can be with all of them in sight', () => {
    expect(mosaicFor(1, 1920, 1080, 0)).toEqual({ columns: 1, tilePx: 1920 });
    expect(mosaicFor(9, 1920, 1080, 0)).toEqual({ columns: 3, tilePx: 640 });
    expect(mosaicFor(6, 1440, 900, 8)).toEqual({ columns: 2, tilePx: 514 });
    expect(mosaicFor(4, 390, 844, 0)).toEqual({ columns: 1, tilePx: 375 });
    expect(mosaicFor(0, 1920, 1080, 0).columns).toBe(1);
  });
});
