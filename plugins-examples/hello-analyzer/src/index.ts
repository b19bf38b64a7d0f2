import { defineAnalyzer, definePlugin, z } from 'vedette/plugin';

const brightness = defineAnalyzer({
  id: 'hello.brightness',
  version: '1.0.0',
  title: 'Hello, brightness',
  queue: 'default',
  solves: ['visual-quality'],
  config: z.object({ name: z.string().default('hello') }),
  input: { sampling: { fps: 1 }, frame: { widthPx: 64, heightPx: 36, fit: 'stretch', format: 'gray8' } },
  create: ({ name }) => ({
    process(frames, emit) {
      for (const { ptsUs, data } of frames) {
        const value = data.reduce((sum, luma) => sum + luma, 0) / data.length / 255;
        emit({ type: 'metric', ptsUs, name: `${name}.brightness`, value, unit: '0..1' });
      }
    },
  }),
});

export default definePlugin({ id: 'hello', version: '1.0.0', api: '^1.0.0', analyzers: [brightness] });
