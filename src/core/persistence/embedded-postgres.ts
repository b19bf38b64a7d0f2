import { access, chmod, constants, mkdir, open, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { startChild, type ChildProcess } from '../children/child-process.js';
import { LEAN_ALLOCATOR } from '../children/lean-heap.js';
import { programEnvironment } from '../config/child-environment.js';
import { databaseError } from '../errors/database.errors.js';
import { errorText } from '../plugin-api/error.js';
import { writeWholeFile } from '../plugin-api/whole-file.js';
import { APPLICATION_ROLE, ensureApplicationRole } from './embedded/application-role.js';
import { mendCluster } from './embedded/cluster-files.js';
import { freePort } from './embedded/free-port.js';
import { findPostgresBinaries, type PostgresBinaries } from './embedded/postgres-binaries.js';
import { postgresCommand } from './embedded/postgres-user.js';
import { outputOf } from './embedded/process-output.js';
import { keepPassword, keptPassword, newPassword, resetPassword } from './embedded/server-password.js';
import { isRunning, reapStaleServer, signalServer, waitForExit } from './embedded/server-process.js';
import { sqlState } from './sql-errors.js';

/** The role that made the cluster; PostgreSQL does not let it be less than superuser. Nothing but this file connects as it. */
const SUPERUSER = 'vedette';
const DATABASE = 'vedette';
/** Crash recovery replays the log before connections are let in; a long-dead server may need a while. */
const READY_DEADLINE_MS = 120_000;
/** SQLSTATE class of a server that is up and does not let us in: waiting does not help. */
const AUTHORISATION_REFUSED = '28';
/** As its log says it. */
const PORT_TAKEN = 'Address already in use';
const MAX_PORTS = 3;

export interface EmbeddedDatabaseOptions {
  /** Holds `postgres/` (the cluster), the passwords of its two roles in `secrets/` (mode 0600) and `logs/postgres.log`. */
  readonly dataDir: string;
  /** 0 or absent: a free port, the same one at each start. */
  readonly port?: number;
  /** How a free port is found, where `port` names none. */
  readonly choosePort?: () => Promise<number>;
  /** Every role's pool, the queue's pool and their LISTEN connections come out of this. */
  readonly maxConnections?: number;
  /** Further `name=value` server settings; tests switch durability off. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Where a running embedded server is reached. */
export interface EmbeddedAddress {
  /** Our database, for the role that owns it and may do nothing outside it: what every role of ours connects by. */
  readonly url: string;
  /** The maintenance database, for the superuser; for tests, which make databases of their own. */
  readonly superuserUrl: string;
  readonly port: number;
}

/**
 * A PostgreSQL of our own below the data folder, on loopback only, behind random passwords.
 *
 * It runs in a session of its own, so that Ctrl-C in a terminal reaches our roles first, and it outlives a parent that is
 * killed: the next {@link start} finds it by its pid file and ends it.
 *
 * @example
 * const database = new EmbeddedDatabase({ dataDir: 'data' });
 * const { url } = await database.start();
 * await database.stop();
 */
export class EmbeddedDatabase {
  private server: ChildProcess | undefined;
  private port: number | undefined;
  private readonly dataDir: string;
  private readonly clusterDir: string;

  constructor(private readonly options: EmbeddedDatabaseOptions) {
    this.port = options.port || undefined;
    this.dataDir = resolve(options.dataDir);
    this.clusterDir = join(this.dataDir, 'postgres');
  }

  /** Pid of the running server, for a supervisor's own pid file. */
  get pid(): number | undefined {
    return this.server?.pid;
  }

  /** Settles when the server process ends, expected or not. */
  exited(): Promise<void> {
    const server = this.server;
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return Promise.resolve();
    return new Promise((done) => server.once('exit', () => done()));
  }

  /**
   * Makes the cluster when there is none, mends what a power cut left of its small files, ends a stale server, starts and waits
   * until it takes connections. May be called again after the server died.
   * @throws VD_DATABASE_PLATFORM, VD_DATABASE_DIR_UNUSABLE, VD_DATABASE_FILES_DAMAGED, VD_DATABASE_INIT_FAILED, VD_DATABASE_START_FAILED
   */
  async start(): Promise<EmbeddedAddress> {
    await this.prepareFolders();
    const binaries = await findPostgresBinaries();
    await reapStaleServer(this.clusterDir);
    const superuserPassword = await this.superuserPassword(binaries);
    const password = await this.applicationPassword();
    const port = await this.serve(binaries.postgres, superuserPassword, password);
    // Those who know the address expect it there again.
    this.port = port;
    const superuserUrl = connectionUrl(SUPERUSER, superuserPassword, port, 'postgres');
    return { url: connectionUrl(APPLICATION_ROLE, password, port, DATABASE), superuserUrl, port };
  }

  /** A port that was free may be taken a moment later: where it is ours to choose, another is. @returns the port */
  private async serve(postgres: string, superuserPassword: string, password: string): Promise<number> {
    const { choosePort = freePort } = this.options;
    for (let tries = 1; ; tries++) {
      const port = this.port ?? (await choosePort());
      await this.launch(postgres, port);
      try {
        await this.makeReady((database) => connectionUrl(SUPERUSER, superuserPassword, port, database), port, password);
        return port;
      } catch (error) {
        if (this.port !== undefined || tries === MAX_PORTS || !errorText(error).includes(PORT_TAKEN)) throw error;
      }
    }
  }

  /** Ends the server: clients are cut off, the files are left consistent. Idempotent. */
  async stop(): Promise<void> {
    const pid = this.server?.pid;
    if (pid === undefined) return;
    for (const [signal, patienceMs] of [
      ['SIGINT', 10_000],
      ['SIGQUIT', 5_000],
      ['SIGKILL', 5_000],
    ] as const) {
      if (!isRunning(pid)) break;
      signalServer(pid, signal);
      if (await waitForExit(pid, patienceMs)) break;
    }
    this.server = undefined;
  }

  /** Asks the server to stop without waiting: for exit handlers, where nothing asynchronous runs any more. */
  stopSoon(): void {
    if (this.server?.pid !== undefined) signalServer(this.server.pid, 'SIGINT');
  }

  private async prepareFolders(): Promise<void> {
    try {
      await mkdir(join(this.dataDir, 'logs'), { recursive: true });
      await mkdir(join(this.dataDir, 'secrets'), { recursive: true, mode: 0o700 });
      await access(this.dataDir, constants.W_OK);
      // User postgres passes through it to its files; what else is in it is closed by itself.
      if (process.getuid?.() === 0) await chmod(this.dataDir, ((await stat(this.dataDir)).mode & 0o7777) | 0o001);
    } catch (cause) {
      throw databaseError('VD_DATABASE_DIR_UNUSABLE', `Cannot write to ${this.dataDir}`, { cause });
    }
  }

  /** With a cluster that it opens: a new one, or one that gets another password where the file that held it is lost. */
  private async superuserPassword({ initdb, postgres }: PostgresBinaries): Promise<string> {
    const kept = await keptPassword(this.passwordFile);
    const password = kept ?? newPassword();
    const hasCluster = await mendCluster(this.clusterDir);
    if (!hasCluster) await this.initialise(initdb, password);
    else if (kept === null) await resetPassword({ postgres, clusterDir: this.clusterDir, role: SUPERUSER }, password);
    if (kept === null) await keepPassword(this.passwordFile, password);
    return password;
  }

  /** The superuser gives it to the role with every start. */
  private async applicationPassword(): Promise<string> {
    const file = join(this.dataDir, 'secrets', 'postgres-app-password');
    const kept = await keptPassword(file);
    if (kept !== null) return kept;
    const password = newPassword();
    await keepPassword(file, password);
    return password;
  }

  private get passwordFile(): string {
    return join(this.dataDir, 'secrets', 'postgres-password');
  }

  /** Makes the cluster beside its place and moves it there when complete: an interrupted start leaves no half cluster. */
  private async initialise(initdb: string, password: string): Promise<void> {
    const fresh = `${this.clusterDir}.new`;
    const passwordFile = `${this.clusterDir}.password`;
    await rm(fresh, { recursive: true, force: true });
    await mkdir(fresh, { mode: 0o700 });
    await writeWholeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    await chmod(initdb, 0o755).catch(() => undefined);
    const initialisation = [
      `--pgdata=${fresh}`,
      `--username=${SUPERUSER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-instructions',
    ];
    try {
      const { program, args, ...user } = await postgresCommand(initdb, initialisation, { given: [fresh, passwordFile] });
      const output = await outputOf(
        startChild(program, args, { ...user, env: programEnvironment(), cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] }),
      );
      if (output.code !== 0) throw databaseError('VD_DATABASE_INIT_FAILED', `initdb ended with ${output.code}: ${output.text.trim()}`);
      // Empty, if it is there.
      await rmdir(this.clusterDir).catch(() => undefined);
      await rename(fresh, this.clusterDir);
    } finally {
      await rm(passwordFile, { force: true });
    }
  }

  private async launch(postgres: string, port: number): Promise<void> {
    await chmod(postgres, 0o755).catch(() => undefined);
    const settings: Record<string, string> = {
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      max_connections: String(this.options.maxConnections ?? 200),
      // What is read often stays in the system's own cache as well; more of it would be held twice.
      shared_buffers: '64MB',
      // One reader's files: what helpers would read ahead is in memory already, and each helper is a process.
      io_method: 'sync',
      // Nobody replicates from here.
      wal_level: 'minimal',
      max_wal_senders: '0',
      max_logical_replication_workers: '0',
      // Tables are many and small (one partition a day); one at a time keeps up with them.
      autovacuum_max_workers: '1',
      timezone: 'UTC',
      // Our statements are short and many; compiling them costs more than it saves.
      jit: 'off',
      // An abandoned open transaction would hold back what clients are told (the feed waits for older writers).
      idle_in_transaction_session_timeout: '30s',
      ...this.options.settings,
    };
    const { program, args, ...user } = await postgresCommand(
      postgres,
      ['-D', this.clusterDir, '-p', String(port), ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      { reached: [this.clusterDir] },
    );
    const log = await open(join(this.dataDir, 'logs', 'postgres.log'), 'a', 0o640);
    try {
      this.server = startChild(program, args, {
        ...user,
        // Planning takes megabytes for a moment, in each of its processes.
        env: { ...LEAN_ALLOCATOR, ...programEnvironment() },
        cwd: '/',
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
      });
      this.server.on('error', () => undefined);
    } finally {
      await log.close();
    }
  }

  private async makeReady(superuserUrl: (database: string) => string, port: number, password: string): Promise<void> {
    const deadline = performance.now() + READY_DEADLINE_MS;
    let last: unknown;
    while (performance.now() < deadline) {
      if (this.server?.pid === undefined || this.server.exitCode !== null || this.server.signalCode !== null) break;
      const client = new pg.Client({ connectionString: superuserUrl('postgres'), connectionTimeoutMillis: 2_000 });
      client.on('error', () => undefined);
      try {
        await client.connect();
        await ensureApplicationRole(client, superuserUrl, DATABASE, password);
        return;
      } catch (error) {
        last = error;
        if (sqlState(error)?.startsWith(AUTHORISATION_REFUSED)) break;
        await delay(50);
      } finally {
        await client.end().catch(() => undefined);
      }
    }
    await this.stop();
    const log = await readFile(join(this.dataDir, 'logs', 'postgres.log'), 'utf8').catch(() => '');
    const isPasswordWrong = sqlState(last)?.startsWith(AUTHORISATION_REFUSED) === true;
    const why = last instanceof Error ? last.message : 'it ended';
    const lastWords = log.trim().split('\n').slice(-5).join('\n');
    throw databaseError(
      'VD_DATABASE_START_FAILED',
      `PostgreSQL on port ${port} did not become ready (${why}); its log ends with:\n${lastWords}`,
      { cause: last, ...(isPasswordWrong ? { fix: `Delete ${this.passwordFile}: the next start sets another password.` } : {}) },
    );
  }
}

function connectionUrl(role: string, password: string, port: number, database: string): string {
  return `postgres://${role}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
}
