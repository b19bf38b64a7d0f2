import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { killTree } from './process-tree.js';
import { HopelessWait, waitFor } from './wait-for.js';

const ROOT = resolve(import.meta.dirname, '../../..');
const READY_DEADLINE_MS = 60_000;
const STOP_PATIENCE_MS = 30_000;

export interface MachineOptions {
  /** The command as an operator types it: `worker`, `worker-host --token-file …`. */
  readonly command: readonly string[];
  readonly config?: Record<string, unknown>;
  readonly env?: Record<string, string>;
  /** What the command is run by: `ip netns exec …` for a machine with a network of its own. */
  readonly launch?: readonly string[];
  /** Whether it does its work. */
  readonly isReady: (machine: Machine) => Promise<boolean> | boolean;
}

/** One role on a machine of its own, as far as folders, ports and config make one: it shares no disk with the others. */
export class Machine {
  output = '';
  child: ChildProcess;

  private constructor(
    readonly name: string,
    readonly home: string,
    private readonly options: MachineOptions,
  ) {
    this.child = this.spawn();
  }

  static async start(name: string, options: MachineOptions): Promise<Machine> {
    const home = mkdtempSync(join(tmpdir(), `vedette-${name}-`));
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'vedette.config.yaml'), stringify(options.config ?? {}));
    const machine = new Machine(name, home, options);
    await machine.ready();
    return machine;
  }

  get mediaDir(): string {
    return join(this.home, 'media');
  }

  /** The machine loses its power: nothing is said to anybody. */
  async powerOff(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    killTree(this.child.pid!);
    await exited;
  }

  /** It comes back with the disk it had. */
  async powerOn(): Promise<void> {
    this.child = this.spawn();
    await this.ready();
  }

  /** Asks it to end, as a service manager does. @returns its exit code */
  async shutDown(): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => killTree(this.child.pid!), STOP_PATIENCE_MS);
    const [code] = (await exited) as [number | null];
    clearTimeout(timer);
    return code;
  }

  async remove(): Promise<void> {
    await this.shutDown();
    rmSync(this.home, { recursive: true, force: true });
  }

  private spawn(): ChildProcess {
    const { command, env, launch = [] } = this.options;
    const [program, ...args] = [...launch, process.execPath, join(ROOT, 'dist/cli/main.js'), ...command] as [string, ...string[]];
    const child = spawn(program, args, {
      cwd: this.home,
      env: { ...process.env, VEDETTE_CONFIG: join(this.home, 'vedette.config.yaml'), NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (this.output += String(chunk)));
    return child;
  }

  private async ready(): Promise<void> {
    try {
      await waitFor(
        `${this.name} to be ready`,
        () => {
          if (this.child.exitCode !== null) throw new HopelessWait(`${this.name} ended with ${this.child.exitCode}`);
          return this.options.isReady(this);
        },
        READY_DEADLINE_MS,
      );
    } catch (error) {
      killTree(this.child.pid!);
      throw new Error(`${this.name} did not come up:\n${this.output.slice(-4_000)}`, { cause: error });
    }
  }
}
