import { describe, expect, it } from 'vitest';
import type { MetricSeries } from '../../core/stream-view';
import { groupsOf, OpenGroups } from './metric-groups';

const series = (analyzerId: string, count: number): MetricSeries[] =>
  Array.from({ length: count }, (_, i) => ({ id: `${analyzerId}/${i}`, analyzerId, name: `m${count - i}`, unit: '0..1' }) as MetricSeries);

describe('groups of metrics', () => {
  it('are by analyzer, the plain ones first, each in order of names', () => {
    const groups = groupsOf([...series('visual-analysis.sound', 2), ...series('motion', 1), ...series('visual-analysis', 2)]);
    expect(groups.map(({ title }) => title)).toEqual(['Motion', 'Visual analysis', 'Sound']);
    expect(groups[1]!.series.map(({ name }) => name)).toEqual(['m1', 'm2']);
  });

  it('are open while they are few charts, as the viewer left them afterwards', () => {
    const groups = groupsOf([...series('a', 5), ...series('b', 3), ...series('c', 2)]);
    const stored = new Map<string, string>();
    const storage = {
      getItem: (key: string) => stored.get(key) ?? null,
      setItem: (key: string, value: string) => void stored.set(key, value),
    };
    const open = (): boolean[] => groups.map((group) => new OpenGroups(storage).isOpen(group, groups));
    expect(open()).toEqual([true, true, false]);
    new OpenGroups(storage).set('c', true);
    new OpenGroups(storage).set('a', false);
    expect(open()).toEqual([false, true, true]);
    stored.set('vedette.metrics', '{"a": "yes", broken');
    expect(open()).toEqual([true, true, false]);
  });

  it('always open the first one, however large', () => {
    const groups = groupsOf(series('a', 20));
    expect(new OpenGroups(null).isOpen(groups[0]!, groups)).toBe(true);
  });
});
