import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SilentLogger } from '../fakes/silent-logger.js';
import { HeldReferences } from '../../../src/core/brands/held-references.js';
import type { AnalysisHostPool, ExecutionStrategy, Logger, References, Secrets } from '../../../src/core/plugin-api/index.js';
import plugin from '../../../src/plugins/strategy-remote-lan/index.js';
import { hostCertificate } from '../../../src/core/worker-host/certificate.js';
import { WorkerHost, type WorkerHostOptions } from '../../../src/core/worker-host/worker-host.js';
import { FROM_SOURCE, type HostSettings } from '../analysis/host-pool.js';

export const TOKEN = 'a token of thirty-two characters, or more';

export const urlOf = ({ address }: WorkerHost): string => `https://127.0.0.1:${address.port}`;

/** A worker host on loopback, in this process, on the given pool. */
export async function startWorkerHost(pool: AnalysisHostPool, options: Partial<WorkerHostOptions> = {}): Promise<WorkerHost> {
  return WorkerHost.start({
    listen: { host: '127.0.0.1', port: 0 },
    token: TOKEN,
    name: 'test-host',
    version: '0.0.0',
    certificate: options.certificate ?? (await hostCertificate(await mkdtemp(join(tmpdir(), 'vedette-certificate-')), {})),
    analyzers: [],
    pool,
    references: new HeldReferences(),
    logger: new SilentLogger(),
    ...options,
  });
}

export interface WorkerHostSettings extends HostSettings {
  readonly name: string;
  readonly hosts?: number;
  /** Analyzers it says it has. */
  readonly analyzers: WorkerHostOptions['analyzers'];
  readonly port?: number;
}

/** A worker host in a process of its own, which can be killed. */
export class WorkerHostProcess {
  private constructor(
    readonly child: ChildProcess,
    readonly url: string,
    readonly fingerprint: string,
  ) {}

  static async start(settings: WorkerHostSettings): Promise<WorkerHostProcess> {
    const child = fork(fileURLToPath(new URL('./worker-host-entry.ts', import.meta.url)), [JSON.stringify(settings)], {
      execArgv: [...FROM_SOURCE],
    });
    const [{ port, fingerprint }] = (await once(child, 'message')) as [{ port: number; fingerprint: string }];
    return new WorkerHostProcess(child, `https://127.0.0.1:${port}`, fingerprint);
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.kill(signal);
    await exited;
  }
}

export interface StrategySurroundings {
  readonly hosts: readonly { readonly url: string; readonly fingerprint?: string }[];
  readonly token?: string;
  readonly references?: References;
  readonly logger?: Logger;
  readonly config?: Readonly<Record<string, unknown>>;
}

/** What it reports is looked at by tests as it comes. */
export type OpenStrategy = Omit<ExecutionStrategy, 'report'> & { report(): any };

/** The strategy as core makes it, with what core would give it. */
export async function openStrategy({
  hosts,
  token = TOKEN,
  references,
  logger = new SilentLogger(),
  config = {},
}: StrategySurroundings): Promise<OpenStrategy> {
  const [definition] = plugin.strategies ?? [];
  const parsed: unknown = definition!.config.parse({ token: { file: 'token' }, hosts, ...config });
  const secrets: Secrets = { read: () => token };
  const none: References = { load: (kind, revision) => Promise.resolve({ kind, revision, images: [] }) };
  const strategy = await definition!.create(
    parsed,
    { sign: ({ path }: { path: string }) => Promise.resolve(`http://127.0.0.1:9/${path}`) },
    secrets,
    references ?? none,
    logger,
  );
  return strategy as OpenStrategy;
}
