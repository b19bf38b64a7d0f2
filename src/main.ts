import 'reflect-metadata';
import { realpathSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { DynamicModule, INestApplicationContext, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ConfigModule } from './core/config/config.module.js';
import { takeHandOver } from './core/config/hand-over.js';
import type { LoadedConfig } from './core/config/load-config.js';
import { OutsideModule } from './core/config/outside.module.js';
import { bootError } from './core/errors/boot.errors.js';
import { createLogger, type VedetteLogger } from './core/observability/logger.js';
import type { InstanceDetail } from './core/persistence/instance-heartbeat.js';
import { NestLogger } from './core/observability/nest-logger.js';
import { ObservabilityModule } from './core/observability/observability.module.js';
import { ANALYSIS_HOST_POOL, type AnalysisHostPool } from './core/plugin-api/index.js';
import { PluginGuard } from './core/plugin-host/plugin-guard.js';
import { PluginHostModule } from './core/plugin-host/plugin-host.module.js';
import { PluginRegistry, type BuiltinPlugins } from './core/plugin-host/plugin-registry.js';
import { SettingsInForce } from './core/plugin-host/settings-in-force.js';
import { tryPlugins } from './core/plugin-host/trial/try-plugins.js';
import type { ContributionKind } from './core/plugin-host/plugin-module.js';
import { packageFacts } from './core/runtime/package-facts.js';
import { PRIVATE_UMASK } from './core/runtime/file-modes.js';
import { isRole, ROLES, type Role } from './core/runtime/role.js';
import { RoleProcess, type RunningRole } from './core/runtime/role-process.js';

/** The plugins that ship with Vedette. Core knows them by these names only. */
export const BUILTIN_PLUGINS: BuiltinPlugins = {
  'vedette/rtmp': () => import('./adapters/rtmp/index.js'),
  'vedette/file': () => import('./adapters/file/index.js'),
  'vedette/webcam': () => import('./adapters/webcam/index.js'),
  'vedette/folder': () => import('./adapters/folder/index.js'),
  'vedette/browser': () => import('./adapters/browser/index.js'),
  'vedette/pull': () => import('./adapters/pull/index.js'),
  'vedette/visual-analysis': () => import('./plugins/visual-analysis/index.js'),
  'vedette/logo-detection': () => import('./plugins/logo-detection/index.js'),
  'vedette/motion': () => import('./plugins/motion/index.js'),
  'vedette/object-detection': () => import('./plugins/object-detection/index.js'),
  'vedette/text-detection': () => import('./plugins/text-detection/index.js'),
  'vedette/strategy-local': () => import('./plugins/strategy-local/index.js'),
  'vedette/cloud-watch': () => import('./plugins/cloud-watch/index.js'),
  'vedette/strategy-cloud': () => import('./plugins/strategy-cloud/index.js'),
  'vedette/strategy-remote-lan': () => import('./plugins/strategy-remote-lan/index.js'),
};

/** This file, as it runs: started with a role's name it becomes that role. */
export const ROLE_ENTRY = fileURLToPath(import.meta.url);

export interface RoleOptions {
  readonly config?: LoadedConfig;
  readonly logger?: VedetteLogger;
  /** Also asked whose fault an error is that nobody caught. */
  readonly guard?: PluginGuard;
  /** Worker only: the queues it takes; all of them when absent. */
  readonly queues?: readonly string[];
  /** Worker host only: what the command line says in place of `workerHost` in the config. */
  readonly workerHost?: { readonly tokenFile?: string; readonly listen?: string; readonly name?: string; readonly announce?: boolean };
}

interface RoleParts {
  readonly loaded: LoadedConfig;
  readonly logger: VedetteLogger;
  /** What every role stands on: config, logger, plugins. */
  readonly base: (kinds: readonly ContributionKind[]) => (Type | DynamicModule)[];
  readonly options: RoleOptions;
}

/** Each role loads its own code only: no other one carries the decoder, the API or the queue. */
const STARTERS: Readonly<Record<Role, (parts: RoleParts) => Promise<RunningRole>>> = {
  api: async ({ base, loaded, logger }) => {
    const { ApiModule } = await import('./core/api/api.module.js');
    const { TrialPoolModule } = await import('./core/analysis/trial-pool.module.js');
    const { QueueModule } = await import('./core/queue/queue.module.js');
    const { configureApi } = await import('./core/api/http/configure-api.js');
    const app = await NestFactory.create<import('@nestjs/platform-express').NestExpressApplication>(
      rootModule([...base([]), QueueModule, TrialPoolModule.forEntry(ROLE_ENTRY), ApiModule]),
      { bodyParser: false, ...nestOptions(logger) },
    );
    const { host, port } = loaded.config.api;
    await configureApi(app).listen(port, host);
    await announce(app, 'api', () => ({ port }));
    return { detail: { url: await app.getUrl() }, close: () => app.close() };
  },

  ingest: async ({ base, logger }) => {
    const { IngestModule } = await import('./core/streams/ingest.module.js');
    const { QueueModule } = await import('./core/queue/queue.module.js');
    const { MediaServerModule } = await import('./core/media/server/media-server.module.js');
    const { RetentionModule } = await import('./core/retention/retention.module.js');
    const { SourceSupervisor } = await import('./core/streams/source-supervisor.js');
    const { StreamPageGate } = await import('./core/streams/stream-page-gate.js');
    const app = await context([...base(['sources']), QueueModule, MediaServerModule, RetentionModule, IngestModule], logger);
    const [supervisor, pages] = [app.get(SourceSupervisor, { strict: false }), app.get(StreamPageGate, { strict: false })];
    await announce(app, 'ingest', () => ({ listeners: supervisor.listenersNow, ...pages.detail }));
    return closing(app);
  },

  worker: async ({ base, loaded, logger, options }) => {
    const { WorkerModule } = await import('./core/pipeline/worker.module.js');
    const { PipelineWorker } = await import('./core/pipeline/pipeline-worker.js');
    const { AnalysisModule } = await import('./core/analysis/analysis.module.js');
    const { MediaStoreModule } = await import('./core/media/store/media-store.module.js');
    const app = await context(
      [...base(['strategies']), MediaStoreModule, AnalysisModule.forEntry(ROLE_ENTRY), WorkerModule.forRole({ queues: options.queues })],
      logger,
    );
    const cores = availableParallelism();
    const detail: Record<string, unknown> = { queues: options.queues ?? 'all', hosts: loaded.config.analysis.hosts || cores, cores };
    await announce(app, 'worker', async () => ({ ...detail, strategies: await app.get(PipelineWorker, { strict: false }).report() }));
    // Told with a later heartbeat: a start does not wait for it.
    void inferenceOf(loaded, logger).then((inference) => (detail['inference'] = inference));
    return closing(app);
  },

  'worker-host': async ({ base, loaded, logger, options }) => {
    const { prepareWorkerHost } = await import('./core/worker-host/prepare-worker-host.js');
    const { AnalysisModule } = await import('./core/analysis/analysis.module.js');
    const { WorkerHostMediaModule } = await import('./core/media/store/worker-host-media.module.js');
    const { HeldReferences } = await import('./core/brands/held-references.js');
    const { HeldReferencesModule } = await import('./core/brands/held-references.module.js');
    const { config, baseDir } = loaded;
    const prepared = await prepareWorkerHost(
      { ...config.workerHost, ...options.workerHost },
      { baseDir, dataDir: config.dataDir },
      packageFacts().version,
    );
    const app = await context([...base([]), WorkerHostMediaModule, HeldReferencesModule, AnalysisModule.forEntry(ROLE_ENTRY)], logger);
    const host = await prepared.start({
      analyzers: app.get(PluginRegistry).analyzers.map(({ definition }) => definition),
      pool: app.get<AnalysisHostPool>(ANALYSIS_HOST_POOL),
      references: app.get(HeldReferences),
      logger,
    });
    return { detail: host.detail, close: () => host.close().finally(() => app.close()) };
  },

  'analysis-host': async ({ base, loaded, logger }) => {
    const { InferenceModule } = await import('./core/models/inference.module.js');
    const { runAnalysisHost } = await import('./core/analysis/host/run-analysis-host.js');
    const app = await context([...base(['analyzers']), { module: InferenceModule, global: true }], logger);
    await runAnalysisHost(app.get(PluginRegistry), loaded.config, logger);
    return closing(app);
  },
};

/** Roles that open the database. What an analysis host loads comes from its worker, and a worker host is told with each job. */
const WITH_SETTINGS: ReadonlySet<Role> = new Set(['api', 'ingest', 'worker']);

/** With what people set of plugins in the dashboard. Without an address of a database, that is what is said, and not this. */
async function withStoredSettings(given: LoadedConfig): Promise<LoadedConfig> {
  const { url } = given.config.database;
  if (url === undefined) return given;
  const { readPluginSettings } = await import('./core/persistence/settings/read-plugin-settings.js');
  const { withPluginSettings } = await import('./core/config/plugin-settings.js');
  const { revision, plugins } = await readPluginSettings(url);
  return withPluginSettings(given, revision, plugins);
}

/**
 * Builds and starts a role's Nest application in this process.
 * @throws coded errors for everything an operator can mend
 */
export async function startRole(role: Role, options: RoleOptions = {}): Promise<RunningRole> {
  const given = options.config ?? (await ownConfig());
  const loaded = await tryPlugins(WITH_SETTINGS.has(role) ? await withStoredSettings(given) : given);
  const logger = options.logger ?? createLogger({ role, ...loaded.config.log });
  const base = (instantiate: readonly ContributionKind[]): (Type | DynamicModule)[] => [
    ConfigModule.forRoot(loaded),
    ObservabilityModule.forRole(logger),
    OutsideModule,
    PluginHostModule.forRole({ builtins: BUILTIN_PLUGINS, instantiate, guard: options.guard }),
  ];
  return STARTERS[role]({ loaded, logger, base, options });
}

/** Makes this process a role, until it is told to end. */
export async function runRole(role: Role, options: Pick<RoleOptions, 'queues' | 'workerHost'> = {}): Promise<void> {
  // Until the config is read there is nothing to log by but the defaults.
  process.umask(PRIVATE_UMASK);
  const handed = takeHandOver();
  const guard = new PluginGuard();
  const logger = createLogger({ role, level: 'info', format: 'pretty' });
  const life = new RoleProcess(role, logger, process, (error) => guard.blame(error));
  await life.run(async () => {
    const config = handed?.loaded ?? (await ownConfig());
    const logger = createLogger({ role, ...config.config.log });
    life.logTo(logger);
    if (config.ignoredVariables?.length)
      logger.debug('Variables of the environment that name services are not of the config', { names: config.ignoredVariables });
    return startRole(role, { ...options, config, logger, guard });
  });
}

/**
 * Of a role that was started by hand. One that was handed its config by `vedette up` or a worker reads none, and does not load what
 * reads it.
 */
async function ownConfig(): Promise<LoadedConfig> {
  return (await import('./core/config/load-config.js')).loadConfig();
}

function rootModule(imports: readonly (Type | DynamicModule | Promise<DynamicModule>)[]): DynamicModule {
  return { module: class VedetteRole {}, imports: [...imports] };
}

const nestOptions = (logger: VedetteLogger) => ({ logger: new NestLogger(logger), abortOnError: false, bufferLogs: false });

const context = (imports: readonly (Type | DynamicModule)[], logger: VedetteLogger): Promise<INestApplicationContext> =>
  NestFactory.createApplicationContext(rootModule(imports), nestOptions(logger));

/** Puts this process into the table of instances, which the dashboard shows. */
async function announce(app: INestApplicationContext, role: Role, detail?: () => Promise<InstanceDetail> | InstanceDetail): Promise<void> {
  const { InstanceHeartbeat } = await import('./core/persistence/instance-heartbeat.js');
  const settings = app.get(SettingsInForce, { strict: false }).report();
  await app
    .get(InstanceHeartbeat, { strict: false })
    .start(role, packageFacts().version, async () => ({ ...(await detail?.()), ...settings }));
}

/** What models run on where this worker is: tried once per machine, then known. Not knowing it keeps no worker from its work. */
async function inferenceOf({ config }: LoadedConfig, logger: VedetteLogger): Promise<Record<string, unknown> | null> {
  const { Providers } = await import('./core/inference/providers.js');
  try {
    const report = await Providers.of(config).report(config.inference.providers);
    logger.info('Models run on', report);
    return report;
  } catch (error) {
    logger.warn('What models can run on was not found out', { error });
    return null;
  }
}

const closing = (app: INestApplicationContext): RunningRole => ({ detail: {}, close: () => app.close() });

/** `--queues a,b` or `--queues=a,b` */
function queuesOf(args: readonly string[]): readonly string[] | undefined {
  const at = args.findIndex((arg) => arg === '--queues' || arg.startsWith('--queues='));
  const text = at < 0 ? undefined : (args[at]?.split('=')[1] ?? args[at + 1]);
  return text
    ?.split(',')
    .map((queue) => queue.trim())
    .filter((queue) => queue !== '');
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === ROLE_ENTRY) {
  const [role = '', ...args] = process.argv.slice(2);
  if (!isRole(role)) {
    const { code, message, fix } = bootError('VD_BOOT_UNKNOWN_ROLE', `${JSON.stringify(role)} is not one of ${ROLES.join(', ')}`);
    process.stderr.write(`${code}: ${message}\n  ${fix}\n`);
    process.exit(2);
  }
  const queues = queuesOf(args);
  await runRole(role, { queues });
}
