import { join } from 'node:path';
import { runAnalysisHost } from '../../src/core/analysis/host/run-analysis-host.js';
import { OrtModels } from '../../src/core/inference/ort-models.js';
import { MODELS } from '../../src/core/plugin-api/index.js';
import { FakePluginRegistry } from '../support/fakes/fake-plugin-registry.js';
import type { HostSettings } from '../support/analysis/host-pool.js';
import { benchPlugins } from './bench-plugins.js';

const settings = JSON.parse(process.argv[3] ?? '{}') as HostSettings;
const models = new OrtModels([join(settings.dataDir, 'models')]);
const report = (message: string, fields?: Record<string, unknown>): void =>
  void process.stderr.write(`${message} ${JSON.stringify(fields)}\n`);
const quiet = (): void => undefined;
await runAnalysisHost(FakePluginRegistry.of(benchPlugins, new Map([[MODELS, models]])), settings, {
  debug: quiet,
  info: quiet,
  warn: report,
  error: report,
});
