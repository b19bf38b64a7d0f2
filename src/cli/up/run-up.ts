import { join } from 'node:path';
import { loadConfig, type LoadedConfig } from '../../core/config/load-config.js';
import { dataFolders } from '../../core/config/data-folders.js';
import { roleHandOver } from '../../core/config/hand-over.js';
import { createLogger, type VedetteLogger } from '../../core/observability/logger.js';
import type { PluginRegistry } from '../../core/plugin-host/plugin-registry.js';
import { tryPlugins } from '../../core/plugin-host/trial/try-plugins.js';
import { publishUrl } from '../../core/plugin-host/publish-url.js';
import { migrateDatabase } from '../../core/queue/queue-migrations.js';
import { withStores } from '../database-access.js';
import { closeToOthers } from '../../core/runtime/file-modes.js';
import { packageFacts } from '../../core/runtime/package-facts.js';
import { ROLE_ENTRY } from '../../main.js';
import { checkPlugins } from '../plugin-check.js';
import { InstanceLock } from '../process/instance-lock.js';
import { reportError } from '../report-error.js';
import { banner } from './banner.js';
import { takeFirstSteps } from './first-start.js';
import { checkFfmpeg, checkFolder, checkNode, checkPort, endpoints } from './preflight.js';
import { roleAccount, SERVICE_USER, type RoleAccount } from './service-user.js';
import { Supervisor } from './supervisor.js';
import { UpDatabase } from './up-database.js';

const IMPATIENT_AFTER_MS = 1_500;

export interface UpOptions {
  /** False leaves the demo stream out, whatever the config says. */
  readonly demo: boolean;
}

/** `vedette up`: everything on this machine, until Ctrl-C. Checks first, so that a refusal leaves nothing half up. */
export class Up {
  private lock: InstanceLock | undefined;
  private database: UpDatabase | undefined;
  private supervisor: Supervisor | undefined;
  private stopped: Promise<void> | undefined;
  private endAskedAtMs = Number.POSITIVE_INFINITY;

  constructor(private readonly options: UpOptions) {}

  async run(): Promise<void> {
    const startedAtMs = performance.now();
    this.listenForTheEnd();
    try {
      // The roles are told what came of it, so that none imports what would take it down.
      const loaded = await tryPlugins(loadConfig());
      const logger = createLogger({ role: 'up', ...loaded.config.log });
      const registry = await this.preflight(loaded);
      await this.start(loaded, registry, logger, startedAtMs);
    } catch (error) {
      if (this.stopped !== undefined) return; // told to end while it started; what failed, failed for that
      const exitCode = reportError(error);
      await this.end(exitCode);
    }
  }

  private async preflight(loaded: LoadedConfig): Promise<PluginRegistry> {
    const { config } = loaded;
    checkNode(packageFacts().node);
    await checkFolder('dataDir', config.dataDir);
    // Root's data folder lets others pass through: each folder in it is closed by itself.
    await Promise.all([config.dataDir, ...dataFolders(config.dataDir)].map(closeToOthers));
    this.lock = await InstanceLock.acquire(config.dataDir);
    await checkFolder('mediaDir', config.mediaDir);
    await checkFfmpeg(config.packaging.ffmpegPath ?? 'ffmpeg');
    const registry = await checkPlugins(loaded);
    for (const endpoint of endpoints(config, registry)) await checkPort(endpoint);
    return registry;
  }

  private async start(loaded: LoadedConfig, registry: PluginRegistry, logger: VedetteLogger, startedAtMs: number): Promise<void> {
    const { config } = loaded;
    const demo = this.options.demo && config.demo.enabled;
    if (this.lock === undefined) throw new Error('The checks come first');
    const database = (this.database = new UpDatabase(loaded, logger));
    await database.start();
    await migrateDatabase(database.url);
    const account = await roleAccount(loaded);
    sayWhoRuns(account, config.database.url === undefined, logger);
    const supervisor = (this.supervisor = new Supervisor({
      entry: ROLE_ENTRY,
      environment: account.environment,
      wrapper: account.as?.wrapper,
      handOver: roleHandOver(loaded, database.url),
      logsDir: join(config.dataDir, 'logs'),
      lock: this.lock,
      logger,
      output: process.stdout,
    }));
    // The streams before the roles would be one more wait: ingest is told of new streams as they come.
    const [steps, ready] = await Promise.all([
      withStores(loaded, database.url, (stores) => takeFirstSteps(stores, { dataDir: config.dataDir, demo })),
      supervisor.start([['api'], ['ingest'], ['worker']]),
    ]);
    if (this.stopped !== undefined) return;
    const rtmp = publishUrl(registry, 'localhost');
    process.stdout.write(
      banner({
        version: packageFacts().version,
        readyAfterMs: performance.now() - startedAtMs,
        dashboardUrl: ready.get('api')?.detail.url ?? `http://${config.api.host}:${config.api.port}`,
        token: steps.token,
        rtmp: rtmp === null ? undefined : { server: rtmp, streamKey: steps.streamKey },
        demo,
        dataDir: config.dataDir,
        mediaDir: config.mediaDir,
      }),
    );
  }

  private listenForTheEnd(): void {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        const sinceMs = performance.now() - this.endAskedAtMs;
        // One Ctrl-C arrives several times, from the terminal and from npm. Later than that it is a person without patience.
        if (sinceMs > IMPATIENT_AFTER_MS) this.supervisor?.kill();
        void this.end(0);
      });
    }
    // `npm start` was killed: nobody is left to stop us.
    process.once('disconnect', () => void this.end(0));
    // Whatever ends this process, nothing it started stays.
    process.once('exit', () => {
      this.supervisor?.kill();
      this.database?.stopSoon();
      this.lock?.release();
    });
    // A terminal that is gone is no reason to fail: the roles' lines are in their files as well.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
    process.once('uncaughtException', (error) => void this.end(reportError(error)));
    process.once('unhandledRejection', (error) => void this.end(reportError(error)));
  }

  /** Roles first, so that they can finish what they have in the database, then the database. */
  private async end(exitCode: number): Promise<void> {
    if (this.stopped === undefined) this.endAskedAtMs = performance.now();
    this.stopped ??= (async () => {
      await this.supervisor?.stop();
      await this.database?.stop();
    })();
    await this.stopped.catch((error: unknown) => reportError(error));
    process.exit(exitCode);
  }
}

/** Whoever starts everything as root should know what runs as root. */
function sayWhoRuns({ as, obstacle }: RoleAccount, isDatabaseEmbedded: boolean, logger: VedetteLogger): void {
  if (process.getuid?.() !== 0) return;
  const database = isDatabaseEmbedded ? ', PostgreSQL as user postgres' : '';
  if (as !== undefined) return logger.info(`Started as root: roles run as user ${SERVICE_USER}${database}, neither with its rights`);
  logger.warn(`Started as root: roles run as root${database}; \`vedette doctor\` says what ffmpeg and analysis hosts are kept from`, {
    reason: obstacle,
    fix: 'Start it as an ordinary user, or let that user read what is named',
  });
}
