import { definePlugin, type AnalyzerDefinition, type Plugin } from '../../src/core/plugin-api/index.js';
import motion from '../../src/plugins/motion/index.js';
import objectDetection from '../../src/plugins/object-detection/index.js';

const [detection] = objectDetection.analyzers as [AnalyzerDefinition];
const named = (id: string): Plugin => definePlugin({ id, version: '1.0.0', api: '^1.0.0', analyzers: [{ ...detection, id }] });

/** Object detection under the names that the measurements give it. */
export const benchPlugins = [
  { plugin: named('detection'), config: { model: 'bench.onnx' } },
  { plugin: named('second-detection'), config: { model: 'bench-second.onnx' } },
  { plugin: named('keyframe-detection'), config: { model: 'bench.onnx', keyframesOnly: true } },
  { plugin: named('shape-detection'), config: { model: 'demo-shapes.onnx' } },
  { plugin: named('person-detection') },
  { plugin: motion },
] as const;
