import { describe, expect, it } from 'vitest';
import type { AnalysisResult } from 'vedette/plugin';
import { describeAnalyzerContract, syntheticFrames } from 'vedette/testing';
import plugin from './index.js';

const [brightness] = plugin.analyzers ?? [];
if (brightness === undefined) throw new Error('The example has no analyzer');

describeAnalyzerContract({ describe, it }, brightness);

describe('hello.brightness', () => {
  it('measures the mean of the picture', async () => {
    const input = typeof brightness.input === 'function' ? brightness.input({}) : brightness.input;
    const [frame] = syntheticFrames(input, { count: 1 });
    if (frame === undefined) throw new Error('No frame');
    const half = { ...frame, data: frame.data.map((_, i) => (i % 2 === 0 ? 255 : 0)) };
    const results: AnalysisResult[] = [];
    const stream = { streamId: 's', streamName: 's', epochId: 'e', widthPx: 64, heightPx: 36, codec: 'h264' };
    const analyzer = await brightness.create({ name: 'door' });
    await analyzer.process([half], (result) => results.push(result), new AbortController().signal, stream);
    expect(results).toEqual([{ type: 'metric', ptsUs: frame.ptsUs, name: 'door.brightness', value: 0.5, unit: '0..1' }]);
  });
});
