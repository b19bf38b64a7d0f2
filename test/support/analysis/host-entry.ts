import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runAnalysisHost } from '../../../src/core/analysis/host/run-analysis-host.js';
import { OrtModels } from '../../../src/core/inference/ort-models.js';
import { MODELS } from '../../../src/core/plugin-api/index.js';
import motion from '../../../src/plugins/motion/index.js';
import objectDetection from '../../../src/plugins/object-detection/index.js';
import textDetection from '../../../src/plugins/text-detection/index.js';
import visualAnalysis from '../../../src/plugins/visual-analysis/index.js';
import barcode from '../../fixtures/barcode-plugin.js';
import { counter } from './counter-plugin.js';
import { crowd } from './crowd-plugin.js';
import { evidenceKeeper } from './evidence-plugin.js';
import { FakePluginRegistry } from '../fakes/fake-plugin-registry.js';
import { DEFAULT_COPY, frameCopy } from './frame-copy-plugin.js';
import { gatePlugin } from './gate-plugin.js';
import { misbehaving } from './misbehaving-plugin.js';
import type { HostSettings } from './host-pool.js';
import { referenceReader } from './reference-plugin.js';
import { soundCopy } from './sound-copy-plugin.js';

// An analysis host without configuration and without Nest: argv[2] is the role, argv[3] its settings.
const settings = JSON.parse(process.argv[3] ?? '{}') as HostSettings;
const plugins = {
  barcode,
  'visual-analysis': visualAnalysis,
  'object-detection': objectDetection,
  motion,
  'text-detection': textDetection,
  'frame-copy': frameCopy,
  misbehaving,
  gate: gatePlugin,
  'reference-reader': referenceReader,
  'sound-copy': soundCopy,
  counter,
  crowd,
  'evidence-keeper': evidenceKeeper,
} as const;
const builtInModels = fileURLToPath(new URL('../../../models', import.meta.url));
const models = new OrtModels([join(settings.dataDir, 'models'), builtInModels]);
const registry = FakePluginRegistry.of(
  Object.entries(plugins).map(([name, plugin]) => ({
    plugin,
    config: settings.config?.[name] ?? (name === 'frame-copy' ? DEFAULT_COPY : {}),
  })),
  new Map([[MODELS, models]]),
);
const report = (message: string, fields?: Record<string, unknown>): void =>
  void process.stderr.write(`${message} ${JSON.stringify(fields)}\n`);
await runAnalysisHost(registry, settings, { debug: () => undefined, info: () => undefined, warn: report, error: report });
