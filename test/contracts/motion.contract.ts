import { describe, it } from 'vitest';
import { describeAnalyzerContract } from '../../src/core/plugin-testing/index.js';
import plugin from '../../src/plugins/motion/index.js';

for (const definition of plugin.analyzers ?? []) {
  describeAnalyzerContract({ describe, it }, definition);
  // Little patience: the eight frames then hold an event's start and end, too.
  describeAnalyzerContract(
    { describe, it },
    { ...definition, title: 'with events' },
    { config: { fps: 1, sensitivity: 1, minDuration: '200ms', quiet: '200ms', lightShare: 1, masks: [{ box: [0.5, 0, 0.5, 0.4] }] } },
  );
}
