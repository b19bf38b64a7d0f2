import { join } from 'node:path';
import { bootError } from '../../core/errors/boot.errors.js';
import type { ChildEnvironment } from '../../core/children/child-process.js';
import type { CommandWrapper } from '../../core/children/confinement.js';
import type { VedetteLogger } from '../../core/observability/logger.js';
import type { RoleReady } from '../../core/runtime/role.js';
import type { InstanceLock } from '../process/instance-lock.js';
import { LogFile } from '../process/log-file.js';
import { RoleChild } from '../process/role-child.js';

/** More than a role allows itself, less than leaves 20 s for everything with the database. */
const STOP_PATIENCE_MS = 13_000;
/** Lines of our logger, and their continuations, name the role themselves; what native libraries and runtimes write does not. */
const OWN_LINE = /^(\d\d:\d\d:\d\d\.\d{3} |\{"level":| {4})/;
const READY_DEADLINE_MS = 60_000;

export interface SupervisorOptions {
  readonly entry: string;
  readonly environment: ChildEnvironment;
  readonly wrapper?: CommandWrapper | undefined;
  readonly handOver?: unknown;
  readonly logsDir: string;
  readonly lock: InstanceLock;
  readonly logger: VedetteLogger;
  readonly output: { write(text: string): unknown };
  /** From starting a role to its word that it is ready. */
  readonly readyDeadlineMs?: number;
}

/** The roles as supervised children: started together, restarted alone, stopped together. */
export class Supervisor {
  private readonly children: RoleChild[] = [];

  constructor(private readonly options: SupervisorOptions) {}

  /**
   * Starts the roles and waits until each is ready.
   * @throws the coded error of the first role that cannot start; VD_BOOT_ROLE_NOT_READY
   */
  async start(roles: readonly (readonly string[])[]): Promise<ReadonlyMap<string, RoleReady>> {
    const ready = roles.map((args) => this.add(args));
    const messages = await Promise.all(ready);
    // From now on a role that ends is started again and reported; before, its error was the start's.
    return new Map(messages.map((message) => [message.role, message]));
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.children.map(async (child) => {
        const well = await child.stop(STOP_PATIENCE_MS);
        if (!well) this.options.logger.warn(`${child.name} did not end by itself and was ended`);
        await this.options.lock.forget(child.name);
      }),
    );
  }

  /** For exit handlers and impatient people. */
  kill(): void {
    for (const child of this.children) child.kill();
  }

  private add(args: readonly string[]): Promise<RoleReady> {
    const { entry, environment, wrapper, handOver, logsDir, lock, logger, output, readyDeadlineMs = READY_DEADLINE_MS } = this.options;
    const name = args[0] ?? '';
    const file = new LogFile(join(logsDir, `${name}.log`));
    const child = new RoleChild({
      name,
      entry,
      args,
      ...{ environment, wrapper, handOver },
      onLine: (line) => {
        file.write(`${line}\n`);
        output.write(OWN_LINE.test(line) ? `${line}\n` : `[${name}] ${line}\n`);
      },
    });
    this.children.push(child);
    child.on('spawned', (pid) => {
      lock.record(name, pid).catch((error: unknown) => logger.warn(`${name} would outlive a supervisor that is killed`, { error }));
    });
    return new Promise<RoleReady>((resolve, reject) => {
      const late = setTimeout(() => {
        reject(bootError('VD_BOOT_ROLE_NOT_READY', `${name} was not ready within ${readyDeadlineMs} ms`));
      }, readyDeadlineMs);
      let wasReady = false;
      child.on('ready', (message) => {
        if (wasReady) logger.info(`${name} is back`);
        wasReady = true;
        clearTimeout(late);
        resolve(message);
      });
      child.on('crashed', (error, restartInMs, looping) => {
        if (!wasReady) {
          clearTimeout(late);
          reject(error);
          return;
        }
        const how = looping ? 'keeps ending' : 'ended';
        logger.error(`${name} ${how}; next start in ${restartInMs} ms`, { error });
      });
      child.start();
    });
  }
}
