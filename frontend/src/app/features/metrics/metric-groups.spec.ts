import { describe, expect, it } from 'vitest';
import type { MetricSeries } from '../../core/stream-view';
import { Drawer, firstOf, groupsOf } from './metric-groups';

const series = (analyzerId: string, count: number): MetricSeries[] =>
  Array.from({ length: count }, (_, i) => ({ id: `${analyzerId}/${i}`, analyzerId, name: `m${count - i}`, unit: '0..1' }) as MetricSeries);

describe('groups of metrics', () => {
  it('are by analyzer, the plain ones first, each in order of names', () => {
    const groups = groupsOf([...series('visual-analysis.sound', 2), ...series('motion', 1), ...series('visual-analysis', 2)]);
    expect(groups.map(({ title }) => title)).toEqual(['Motion', 'Visual analysis', 'Sound']);
    expect(groups[1]!.series.map(({ name }) => name)).toEqual(['m1', 'm2']);
  });
});

describe(firstOf.name, () => {
  const named = (...names: string[]): MetricSeries[] =>
    names.map((name) => ({ id: name, analyzerId: 'a', name, unit: '' }) as MetricSeries);

  it('are motion, counts and sound where there are such, else what there is', () => {
    expect(firstOf(named('brightness', 'loudness', 'x', 'motion.share', 'rule:1:count')).map(({ name }) => name)).toEqual([
      'motion.share',
      'loudness',
      'brightness',
    ]);
    expect(firstOf(named('b', 'a')).map(({ name }) => name)).toEqual(['a', 'b']);
    expect(firstOf([])).toEqual([]);
  });
});

describe(Drawer.name, () => {
  it('stays as the viewer left it', () => {
    const stored = new Map<string, string>();
    const storage = {
      getItem: (key: string) => stored.get(key) ?? null,
      setItem: (key: string, value: string) => void stored.set(key, value),
    };
    expect(new Drawer(storage).isOpen()).toBe(false);
    new Drawer(storage).set(true);
    expect(new Drawer(storage).isOpen()).toBe(true);
    expect(new Drawer(null).isOpen()).toBe(false);
  });
});
