import { Inject, Injectable } from '@nestjs/common';
import { archiveOf, type Archive, type ArchivedFile } from '../../clips/case-archive.js';
import { maskedConfig } from '../../config/masked-config.js';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import { redact, redactText } from '../../observability/redact.js';
import { healthOnWire } from '../../persistence/read/health-on-wire.js';
import { FailureReads } from '../../persistence/read/failure-reads.js';
import { errorText } from '../../plugin-api/index.js';
import { PluginRegistry } from '../../plugin-host/plugin-registry.js';
import { QueueFiguresSource } from '../../queue/queue-figures-source.js';
import { StorageOutlook } from '../../retention/storage-outlook.js';
import type { Principal } from '../auth/principal.js';
import { Installation } from './installation.js';
import { PrometheusMetrics } from './prometheus-metrics.js';
import { RoleLogReader } from './role-log-reader.js';
import { StreamAccess } from './stream-access.js';
import { StreamHealth } from './stream-health.js';
import { SystemStatus } from './system-status.js';

/** Of each role: the last of its lines, a few thousand. */
const LOG_BYTES = 512 * 1024;

const README = `Diagnostics of a Vedette installation, for whoever helps with it.

about.json     versions, machine, database and its largest tables
config.json    the config in force; secrets, and every text that plugins and sources are given, are masked as ***
system.json    roles and processes, problems, crashes that nobody has seen yet
health.json    why it is not ready, if it is not; each stream with its issues and figures
storage.json   disks and how long they last
queues.json    queues with their figures
plugins.json   plugins and why those that failed did
failures.json  analyzers that failed within the last ten minutes
metrics.txt    the same figures as Prometheus reads them
licences.json  what is installed
logs/          the end of each role's log, where vedette up writes one on this machine

Keys, tokens and passwords are masked. Names of streams, hosts and folders are not: look it through before you pass it on.
Where something could not be read, the file says why.
`;

/** What helps to find a fault, in one archive, without secrets. */
@Injectable()
export class Diagnostics {
  constructor(
    private readonly installation: Installation,
    private readonly status: SystemStatus,
    private readonly access: StreamAccess,
    private readonly health: StreamHealth,
    private readonly outlook: StorageOutlook,
    private readonly queues: QueueFiguresSource,
    private readonly registry: PluginRegistry,
    private readonly failures: FailureReads,
    private readonly metrics: PrometheusMetrics,
    private readonly logs: RoleLogReader,
    @Inject(VEDETTE_CONFIG) private readonly config: VedetteConfig,
  ) {}

  /** Whatever cannot be read is told in its place: it is asked for when something is amiss. */
  async archive(hostName: string, principal: Principal): Promise<Archive> {
    const at = new Date();
    const text = async (name: string, read: () => Promise<string>): Promise<ArchivedFile> => ({
      name,
      at,
      text: redactText(await read().catch((error: unknown) => `could not be read: ${errorText(error)}\n`)),
    });
    const json = (name: string, read: () => Promise<unknown>): Promise<ArchivedFile> =>
      text(name, async () => `${JSON.stringify(redact(await read()), null, 2)}\n`);
    const { logs } = await this.logs.list();
    return archiveOf(
      await Promise.all([
        text('README.txt', () => Promise.resolve(`${README}\nMade ${at.toISOString()}.\n`)),
        json('about.json', () => this.installation.about()),
        json('config.json', () => Promise.resolve(maskedConfig(this.config))),
        json('system.json', () => this.status.read(hostName, true)),
        json('health.json', async () => ({ reasons: await this.status.unavailability(), streams: await this.streams(principal) })),
        json('storage.json', () => this.outlook.places()),
        json('queues.json', () => this.queues.figures()),
        json('plugins.json', () => Promise.resolve(this.registry.plugins)),
        json('failures.json', () => this.failures.recent(null)),
        text('metrics.txt', () => this.metrics.read(principal)),
        json('licences.json', () => this.installation.licences()),
        ...logs.map(({ name }) => text(`logs/${name}.log`, () => this.logs.end(name, LOG_BYTES))),
      ]),
    );
  }

  private async streams(principal: Principal): Promise<unknown[]> {
    const [views, judged] = await Promise.all([this.access.list(principal), this.health.now()]);
    return views.map(({ wire: { id, name, adapterId, state, stateDetail, enabled } }) => {
      const found = judged.get(id);
      return { id, name, adapterId, enabled, state, stateDetail, health: found === undefined ? null : healthOnWire(found) };
    });
  }
}
