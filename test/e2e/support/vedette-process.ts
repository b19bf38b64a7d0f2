import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { ApiClient } from './api-client.js';
import { reservePort } from '../../support/reserve-port.js';
import { processTree, type ProcessInfo } from './process-tree.js';
import { HopelessWait, waitFor } from './wait-for.js';

const ROOT = resolve(import.meta.dirname, '../../..');
const READY_DEADLINE_MS = 90_000;

export interface VedetteOptions {
  /** Adds the analyzer that reads the frame number out of the picture. */
  readonly barcode?: boolean;
  readonly demo?: boolean;
  /** Entries besides the one that sets the RTMP port. */
  readonly plugins?: readonly unknown[];
  /** Merged over the test's config. */
  readonly config?: Record<string, unknown>;
  /** Go on with the folders of an earlier process. */
  readonly home?: string;
  readonly ports?: { api: number; rtmp: number };
  readonly env?: Record<string, string>;
}

/** The whole program as a user starts it, in folders and on ports of its own. */
export class VedetteProcess {
  api!: ApiClient;
  streamId!: string;
  output = '';

  constructor(
    readonly home: string,
    readonly ports: { api: number; rtmp: number },
    readonly child: ChildProcess,
  ) {
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (this.output += String(chunk)));
  }

  get apiUrl(): string {
    return `http://127.0.0.1:${this.ports.api}`;
  }
  get rtmpUrl(): string {
    return `rtmp://127.0.0.1:${this.ports.rtmp}/live`;
  }
  get dataDir(): string {
    return join(this.home, 'data');
  }
  get mediaDir(): string {
    return join(this.home, 'media');
  }
  get streamKey(): string {
    return readFileSync(join(this.dataDir, 'secrets', 'obs-stream-key'), 'utf8').trim();
  }
  get publishUrl(): string {
    return `${this.rtmpUrl}/${this.streamKey}`;
  }
  /** The embedded server's address as its superuser. */
  get databaseUrl(): string {
    const password = readFileSync(join(this.dataDir, 'secrets', 'postgres-password'), 'utf8').trim();
    return `postgres://vedette:${password}@127.0.0.1:${this.postmaster.port}/vedette`;
  }
  get postmaster(): { pid: number; port: number } {
    const lines = readFileSync(join(this.dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n');
    return { pid: Number(lines[0]), port: Number(lines[3]) };
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** A new one-time token, as the command line gives it. */
  async freshToken(): Promise<string> {
    const child = spawn(process.execPath, [join(ROOT, 'dist/cli/main.js'), 'token'], {
      cwd: this.home,
      env: { ...process.env, VEDETTE_CONFIG: join(this.home, 'vedette.config.yaml'), NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += String(chunk)));
    await once(child, 'exit');
    const token = /[\w-]{30,}/.exec(output)?.[0];
    if (token === undefined) throw new Error(`No token in: ${output}`);
    return token;
  }

  scratch(name: string): string {
    return join(this.home, name);
  }

  /** Its processes whose command line ends in a role's name. */
  role(role: 'api' | 'ingest' | 'worker' | 'analysis-host'): ProcessInfo[] {
    return processTree(this.child.pid!).filter((p) => p.state !== 'Z' && new RegExp(`main\\.js ${role}\\b`).test(p.command));
  }

  /** Asks it to stop, as Ctrl-C does, and waits. @returns the exit code */
  async interrupt(): Promise<number | null> {
    if (this.hasEnded) return this.child.exitCode;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGINT');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 40_000);
    const [code] = (await exited) as [number | null];
    clearTimeout(timer);
    return code;
  }

  async stop(): Promise<void> {
    await this.interrupt();
    rmSync(this.home, { recursive: true, force: true });
  }
}

/** Spawns `vedette up` without waiting: for tests of refusals. */
export async function spawnVedette(options: VedetteOptions = {}): Promise<VedetteProcess> {
  const home = options.home ?? mkdtempSync(join(tmpdir(), 'vedette-e2e-'));
  mkdirSync(home, { recursive: true });
  const ports = options.ports ?? { api: await reservePort(), rtmp: await reservePort() };
  const plugins: unknown[] = [
    ...(options.plugins ?? []),
    { use: 'vedette/rtmp', sources: { rtmp: { port: ports.rtmp, host: '127.0.0.1' } } },
  ];
  if (options.barcode === true) plugins.push({ use: join(ROOT, 'test/fixtures/barcode-plugin.ts') });
  const database = { embeddedPort: await reservePort() };
  const config = { api: { port: ports.api }, database, analysis: { hosts: 2 }, plugins, ...options.config };
  const file = join(home, 'vedette.config.yaml');
  writeFileSync(file, stringify(config));
  const child = spawn(process.execPath, [join(ROOT, 'dist/cli/main.js'), 'up', ...(options.demo === true ? [] : ['--no-demo'])], {
    cwd: home,
    env: { ...process.env, VEDETTE_CONFIG: file, NO_COLOR: '1', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return new VedetteProcess(home, ports, child);
}

/** Starts the whole program and signs in. */
export async function startVedette(options: VedetteOptions = {}): Promise<VedetteProcess> {
  const vedette = await spawnVedette(options);
  try {
    const hasBanner = (): boolean => {
      if (vedette.hasEnded) throw new HopelessWait('vedette up ended');
      return vedette.output.includes('Dashboard');
    };
    await waitFor('the banner', hasBanner, READY_DEADLINE_MS);
    vedette.api = await ApiClient.signIn(vedette.apiUrl, await signInToken(vedette));
    const streams = await vedette.api.all<{ id: string; name: string }>('/api/streams');
    vedette.streamId = streams.find((stream) => stream.name === 'live')!.id;
    return vedette;
  } catch (error) {
    vedette.child.kill('SIGKILL');
    throw new Error(`vedette up did not come up:\n${vedette.output.slice(-4000)}`, { cause: error });
  }
}

/** From the banner at first start; afterwards the command line gives a new one. */
async function signInToken(vedette: VedetteProcess): Promise<string> {
  return /Sign-in token\s+(\S{20,})/.exec(vedette.output)?.[1] ?? vedette.freshToken();
}
