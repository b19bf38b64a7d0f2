import { describe, expect, it } from 'vitest';
import { ApiError } from '../../api/problem';
import type { PluginDetailWire, PluginSettings } from '../../api/models';
import { ApplyState } from './apply-state';
import type { Setting } from './plugin-setting';

const fps: Setting = { pluginId: 'objects', analyzerId: 'objects.find', path: ['config', 'fps'], value: 2.5 };
const gate: Setting = { pluginId: 'logos', analyzerId: 'logos.find', path: ['when'], value: 'motion' };
const withFps = { analyzers: { 'objects.find': { config: { fps: 2.5 } } } };

/** Plugins with what is set of them and its history, as the server keeps them. */
function serverOf(settings: Record<string, PluginSettings>, refused?: string) {
  const histories = new Map(Object.entries(settings).map(([id, own]) => [id, Object.keys(own).length === 0 ? [] : [own]]));
  const detail = (id: string): PluginDetailWire => {
    const history = histories.get(id)!;
    const revision = history.length === 0 ? null : `${history.length}`;
    const roles = [
      { role: 'worker', host: 'studio', isCurrent: false },
      { role: 'api', host: 'studio', isCurrent: true },
    ];
    return { id, settings: history.at(-1) ?? {}, revision, roles } as unknown as PluginDetailWire;
  };
  const calls: string[] = [];
  const write = (call: string, id: string, own: PluginSettings, seen: string | null): PluginDetailWire => {
    calls.push(`${call} ${id}`);
    if (id === refused || detail(id).revision !== seen)
      throw new ApiError({ code: 'VD_PLUGIN_SETTINGS_LOCKED', title: 'Locked', status: 409 } as never);
    histories.get(id)!.push(own);
    return detail(id);
  };
  return {
    calls,
    settingsOf: (id: string) => detail(id).settings,
    plugin: async (id: string) => detail(id),
    setPlugin: async (id: string, own: PluginSettings, seen: string | null) => write('set', id, own, seen),
    restorePlugin: async (id: string, change: string, seen: string | null) =>
      write('restore', id, histories.get(id)![Number(change) - 1]!, seen),
  };
}

describe(ApplyState.name, () => {
  it('sets what the change takes beside what is set, and says what has to be started anew', async () => {
    const server = serverOf({ objects: { analyzers: { 'objects.find': { streams: ['hall'] } } }, logos: {} });
    const state = new ApplyState(server);
    await state.offer([fps, gate]);
    expect([state.isSet(), state.canUndo()]).toEqual([false, false]);
    expect(await state.apply([fps, gate])).toBe(true);
    expect([state.isSet(), state.canUndo(), state.waiting()]).toEqual([true, true, [{ role: 'worker', host: 'studio' }]]);
    expect(server.settingsOf('objects')).toEqual({ analyzers: { 'objects.find': { streams: ['hall'], config: { fps: 2.5 } } } });
  });

  it('takes it back: to the change before, or to nothing where there was none', async () => {
    const server = serverOf({ objects: { enabled: true }, logos: {} });
    const state = new ApplyState(server);
    await state.offer([fps, gate]);
    await state.apply([fps, gate]);
    expect(await state.undo()).toBe(true);
    expect(server.calls).toEqual(['set objects', 'set logos', 'set logos', 'restore objects']);
    expect([server.settingsOf('objects'), server.settingsOf('logos')]).toEqual([{ enabled: true }, {}]);
    expect([state.isSet(), state.canUndo()]).toEqual([false, false]);
  });

  it('sets all of it or nothing', async () => {
    const server = serverOf({ objects: {}, logos: {} }, 'logos');
    const state = new ApplyState(server);
    await state.offer([fps, gate]);
    expect(await state.apply([fps, gate])).toBe(false);
    expect(state.problem()).toMatchObject({ code: 'VD_PLUGIN_SETTINGS_LOCKED' });
    expect([server.settingsOf('objects'), state.isSet(), state.canUndo()]).toEqual([{}, false, false]);
  });

  it('takes back what was set here also when another change is on offer by then', async () => {
    const server = serverOf({ objects: {}, logos: {} });
    const state = new ApplyState(server);
    await state.offer([fps]);
    await state.apply([fps]);
    await state.offer([gate]);
    expect([state.isSet(), state.canUndo()]).toEqual([false, true]);
    await state.undo();
    expect([server.settingsOf('objects'), state.canUndo()]).toEqual([{}, false]);
  });

  it('knows what was set before the page was opened, which is not for it to take back', async () => {
    const state = new ApplyState(serverOf({ objects: withFps }));
    await state.offer([fps]);
    expect([state.isSet(), state.canUndo()]).toEqual([true, false]);
  });
});
