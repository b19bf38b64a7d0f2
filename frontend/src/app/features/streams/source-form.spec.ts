import { describe, expect, it } from 'vitest';
import type { PluginWire } from '../../api/models';
import { sourceChoices, sourceConfigOf } from './source-form';

const plugin = (sources: PluginWire['sources']): PluginWire => ({
  id: 'p',
  version: '1.0.0',
  use: 'p',
  state: 'loaded',
  error: null,
  analyzers: [],
  sources,
  strategies: [],
});
const webcam = {
  id: 'webcam',
  title: 'Camera',
  kind: 'stream' as const,
  configSchema: {
    type: 'object',
    required: ['format', 'device'],
    properties: {
      format: { type: 'string', enum: ['v4l2', 'lavfi'], description: 'How' },
      device: { type: 'string' },
      fps: { type: 'integer', default: 25 },
      audio: { type: 'boolean' },
      extra: { type: 'object' },
    },
  },
};
const rtmp = { id: 'rtmp', title: 'RTMP', kind: 'listener' as const, configSchema: null };

describe(sourceChoices.name, () => {
  it('offers listeners first, and a field for each plain value of a config', () => {
    const [first, second] = sourceChoices([plugin([webcam]), plugin([rtmp])]);
    expect(first).toEqual({ id: 'rtmp', title: 'RTMP', listener: true, fields: [] });
    expect(second?.fields.map(({ name, kind, required, fallback }) => [name, kind, required, fallback])).toEqual([
      ['format', 'choice', true, ''],
      ['device', 'text', true, ''],
      ['fps', 'number', false, '25'],
      ['audio', 'switch', false, ''],
    ]);
  });
});

describe(sourceConfigOf.name, () => {
  const fields = sourceChoices([plugin([webcam])])[0]!.fields;
  it('takes the first of a required choice and leaves what is empty to the source', () => {
    expect(sourceConfigOf(fields, new Map([['device', ' /dev/video0 ']]))).toEqual({ format: 'v4l2', device: '/dev/video0' });
  });
  it('gives numbers and switches as such, and what is no number as it was typed, so that the server names the field', () => {
    expect(
      sourceConfigOf(
        fields,
        new Map([
          ['fps', '30'],
          ['audio', 'true'],
        ]),
      ),
    ).toMatchObject({ fps: 30, audio: true });
    expect(sourceConfigOf(fields, new Map([['fps', 'fast']]))).toMatchObject({ fps: 'fast' });
  });
});
