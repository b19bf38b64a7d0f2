import { beforeEach, describe, expect, it } from 'vitest';
import { ApiClient } from '../../api/api-client';
import type { PluginDetailWire } from '../../api/models';
import { Notices } from '../../core/notices';
import { PluginEditor } from './plugin-editor';

const plugin = (over: Partial<PluginDetailWire> = {}): PluginDetailWire =>
  ({
    id: 'moody',
    use: './moody.ts',
    enabled: { value: true, source: 'default' },
    revision: '4',
    settings: {},
    contributions: [
      {
        kind: 'analyzer',
        id: 'moody',
        title: 'Moods',
        queue: 'default',
        schema: { properties: { fps: { type: 'number', default: 2 } } },
        options: { fps: { value: 2, source: 'default' } },
        secrets: [],
        enabled: { value: true, source: 'default' },
        streams: { value: ['*'], source: 'default' },
      },
    ],
    ...over,
  }) as PluginDetailWire;
const REFUSAL = {
  title: 'No',
  code: 'VD_PLUGIN_SETTINGS_INVALID',
  status: 400,
  detail: '',
  errors: [{ path: 'analyzers.moody.config.fps', message: 'too much' }],
};

describe(PluginEditor.name, () => {
  let asked: { call: string; body: unknown }[];
  let answers: Record<string, () => Response>;
  let notices: Notices;
  let editor: PluginEditor;
  beforeEach(() => {
    asked = [];
    notices = new Notices(() => undefined);
    answers = {
      'GET plugins/moody': () => Response.json(plugin()),
      'GET plugins/moody/changes': () => Response.json({ items: [], next: null }),
      'GET streams': () =>
        Response.json({
          items: [
            { id: '2', name: 'yard' },
            { id: '1', name: 'door' },
          ],
          next: null,
        }),
    };
    editor = new PluginEditor({
      api: new ApiClient('http://vedette.test', async (request) => {
        const call = `${request.method} ${request.url.slice('http://vedette.test/api/'.length)}`;
        asked.push({ call, body: request.method === 'GET' ? undefined : await request.json() });
        return answers[call]!();
      }),
      notices,
      savedText: () => 'Saved',
    });
  });
  const analyzer = () => editor.plugin()!.contributions[0]!;

  it('knows what would change, and forgets it when told to', async () => {
    await editor.load('moody');
    expect(editor.streams().map(({ name }) => name)).toEqual(['door', 'yard']);
    expect(editor.pending()).toEqual([]);
    editor.set(analyzer(), { options: { fps: 5 }, streams: ['door'] });
    editor.setEnabled(false);
    expect(editor.pending().map(({ path, after }) => [path.join('.'), after])).toEqual([
      ['enabled', false],
      ['streams', ['door']],
      ['fps', 5],
    ]);
    const { version } = editor;
    const before = version();
    editor.discard();
    expect([editor.pending(), version()]).toEqual([[], before + 1]);
  });

  it('saves what differs from the defaults, for the change it was made from', async () => {
    await editor.load('moody');
    editor.set(analyzer(), { options: { fps: 5 } });
    answers['PUT plugins/moody/settings'] = () => Response.json(plugin({ revision: '5' }));
    await editor.save();
    expect(asked.find(({ call }) => call.startsWith('PUT'))?.body).toEqual({
      settings: { analyzers: { moody: { config: { fps: 5 } } } },
      revision: '4',
    });
    expect([editor.plugin()?.revision, editor.refusal(), notices.list()[0]?.title]).toEqual(['5', null, 'Saved']);
  });

  it('keeps what was written when it is refused, with the reason', async () => {
    await editor.load('moody');
    editor.set(analyzer(), { options: { fps: 500 } });
    answers['PUT plugins/moody/settings'] = () => Response.json(REFUSAL, { status: 400 });
    await editor.save();
    expect(editor.refusal()).toMatchObject({ code: 'VD_PLUGIN_SETTINGS_INVALID' });
    expect(editor.pending()).toHaveLength(1);
    expect(editor.saving()).toBe(false);
  });

  it('puts an earlier state in force, or takes all back', async () => {
    await editor.load('moody');
    answers['POST plugins/moody/changes/2/restore'] = () => Response.json(plugin());
    answers['PUT plugins/moody/settings'] = () => Response.json(plugin());
    await editor.restore('2');
    await editor.restore(null);
    expect(asked.filter(({ call }) => /^(POST|PUT)/.test(call)).map(({ body }) => body)).toEqual([
      { revision: '4' },
      { settings: {}, revision: '4' },
    ]);
  });

  it('says why a plugin cannot be shown', async () => {
    answers['GET plugins/moody'] = () => Response.json({ ...REFUSAL, code: 'VD_API_NOT_FOUND', status: 404 }, { status: 404 });
    await editor.load('moody');
    expect([editor.plugin(), editor.problem()?.code]).toEqual([null, 'VD_API_NOT_FOUND']);
  });
});
