import { describe, expect, it } from 'vitest';
import type { CapacityWire, PluginWire } from '../../api/models';
import { analyzerRows } from './analyzer-rows';

const plugin = (id: string, state: PluginWire['state']): PluginWire =>
  ({ id, state, analyzers: [{ id: `vedette.${id}`, title: id.toUpperCase() }] }) as unknown as PluginWire;

describe(analyzerRows.name, () => {
  it('lists analyzers that run, with what a stream takes of a core as far as it was measured', () => {
    const capacity = { analyzers: [{ analyzerId: 'vedette.motion', cpuSecondsPerStreamMinute: 6 }] } as unknown as CapacityWire;
    const rows = analyzerRows([plugin('motion', 'loaded'), plugin('text', 'loaded'), plugin('broken', 'failed')], capacity);
    expect(rows.map(({ id, coresPerStream }) => [id, coresPerStream])).toEqual([
      ['vedette.motion', 0.1],
      ['vedette.text', null],
    ]);
    expect(analyzerRows([plugin('motion', 'loaded')], null)[0]?.coresPerStream).toBeNull();
  });
});
