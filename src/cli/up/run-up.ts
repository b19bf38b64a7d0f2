import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LoadedConfig } from '../../core/config/load-config.js';
import { roleHandOver } from '../../core/config/hand-over.js';
import { createLogger, type VedetteLogger } from '../../core/observability/logger.js';
import { redactSecret } from '../../core/observability/redact.js';
import { packageFacts } from '../../core/runtime/package-facts.js';
import { InstanceLock } from '../process/instance-lock.js';
import { reportError } from '../report-error.js';
import { banner } from './banner.js';
import { Preparation } from './preparation-child.js';
import type { Checked } from './preparation.js';
import { roleAccount, SERVICE_USER, type RoleAccount } from './service-user.js';
import { Supervisor } from './supervisor.js';
import { UpDatabase } from './up-database.js';

const IMPATIENT_AFTER_MS = 1_500;
/** Becomes a role when it is started with the role's name. Not imported: it carries all that roles need. */
const ROLE_ENTRY = fileURLToPath(new URL('../../main.js', import.meta.url));

export interface UpOptions {
  /** False leaves the demo stream out, whatever the config says. */
  readonly demo: boolean;
}

/**
 * `vedette up`: everything on this machine, until Ctrl-C. Checks first, so that a refusal leaves nothing half up. It stays for as long as
 * everything runs and does no more than watch, so it is small: what takes the framework is done by a {@link Preparation}, which ends.
 */
class Up {
  private lock: InstanceLock | undefined;
  private database: UpDatabase | undefined;
  private supervisor: Supervisor | undefined;
  private preparation: Preparation | undefined;
  private stopped: Promise<void> | undefined;
  private endAskedAtMs = Number.POSITIVE_INFINITY;

  constructor(private readonly options: UpOptions) {}

  async run(): Promise<void> {
    const startedAtMs = performance.now();
    this.listenForTheEnd();
    try {
      const preparation = (this.preparation = new Preparation());
      const loaded = await preparation.step('read', {});
      this.lock = await InstanceLock.acquire(loaded.config.dataDir);
      const checked = await preparation.step('check', {});
      checked.secrets.forEach(redactSecret);
      await this.start(loaded, checked, preparation, startedAtMs);
      preparation.end();
    } catch (error) {
      if (this.stopped !== undefined) return; // told to end while it started; what failed, failed for that
      const exitCode = reportError(error);
      await this.end(exitCode);
    }
  }

  private async start(loaded: LoadedConfig, checked: Checked, preparation: Preparation, startedAtMs: number): Promise<void> {
    const { config } = loaded;
    const logger = createLogger({ role: 'up', ...config.log });
    const demo = this.options.demo && config.demo.enabled;
    if (this.lock === undefined) throw new Error('The checks come first');
    const database = (this.database = new UpDatabase(loaded, logger));
    await database.start();
    await preparation.step('migrate', { databaseUrl: database.url });
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
    // The streams before the roles would be one more wait: ingest is notified of new streams as they come.
    const [steps, ready] = await Promise.all([
      preparation.step('firstSteps', { databaseUrl: database.url, demo }),
      supervisor.start([['api'], ['ingest'], ['worker']]),
    ]);
    if (this.stopped !== undefined) return;
    const { publishUrl } = checked;
    process.stdout.write(
      banner({
        version: packageFacts().version,
        readyAfterMs: performance.now() - startedAtMs,
        dashboardUrl: ready.get('api')?.detail.url ?? `http://${config.api.host}:${config.api.port}`,
        token: steps.token,
        rtmp: publishUrl === null ? undefined : { server: publishUrl, streamKey: steps.streamKey },
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
      this.preparation?.end();
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
      this.preparation?.end();
      await this.supervisor?.stop();
      await this.database?.stop();
    })();
    await this.stopped.catch((error: unknown) => reportError(error));
    process.exit(exitCode);
  }
}

/** Settles when everything runs; from then on it watches. */
export const runUp = (options: UpOptions): Promise<void> => new Up(options).run();

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
