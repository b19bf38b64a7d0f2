import { Inject, Injectable } from '@nestjs/common';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import { QueueControls } from '../../persistence/ledger/queue-controls.js';
import { PluginSettingsStore } from '../../persistence/settings/plugin-settings-store.js';
import { RoleCrashes } from '../../persistence/role-crashes.js';
import { MediaNodes } from '../../persistence/media/media-nodes.js';
import { FailureReads, ofAllStreams } from '../../persistence/read/failure-reads.js';
import { StreamReads } from '../../persistence/read/stream-reads.js';
import { SystemReads } from '../../persistence/read/system-reads.js';
import { DatabaseWriteCheck } from '../../persistence/read/write-check.js';
import { PluginRegistry } from '../../plugin-host/plugin-registry.js';
import { retentionProblems } from '../../retention/reports.js';
import { StorageOutlook } from '../../retention/storage-outlook.js';
import { publishUrl } from '../../plugin-host/publish-url.js';
import type { CrashWire, HealthReason, SystemWire } from '../../wire/wire.js';
import { DatabaseRoom } from './database-room.js';
import { databaseDiskProblems, isDatabaseLow, isLow, mediaFolderProblems } from './media-space.js';
import { unmatchedConfig } from './unmatched-config.js';

/** Nest token: version of this program. */
export const VERSION = Symbol.for('vedette.version');

export const NEEDED_ROLES = ['ingest', 'worker'] as const;

/** A listener that no publisher can reach. */
export const isDeaf = ({ state }: { readonly state: string }): boolean => state === 'retrying' || state === 'failed';

/** Whether everything that is needed is there, and what is not. */
@Injectable()
export class SystemStatus {
  constructor(
    private readonly system: SystemReads,
    private readonly failures: FailureReads,
    private readonly nodes: MediaNodes,
    private readonly writes: DatabaseWriteCheck,
    private readonly disk: DatabaseRoom,
    private readonly crashes: RoleCrashes,
    private readonly controls: QueueControls,
    private readonly settings: PluginSettingsStore,
    private readonly streams: StreamReads,
    private readonly outlook: StorageOutlook,
    private readonly registry: PluginRegistry,
    @Inject(VEDETTE_CONFIG) private readonly config: VedetteConfig,
    @Inject(VERSION) private readonly version: string,
  ) {}

  /**
   * For load balancers: why media cannot be taken in, stored and analysed now, or soon cannot for want of room. What can be written and
   * committed at this moment is tried; empty where all is well.
   */
  async unavailability(): Promise<HealthReason[]> {
    try {
      const [living, nodes, databaseFault, databaseRoom, { media }] = await Promise.all([
        this.system.livingRoles(),
        this.nodes.living(),
        this.writes.fault(),
        this.disk.freeBytes(),
        this.outlook.reports(),
      ]);
      return [
        ...(databaseFault === null ? [] : (['database-unwritable'] as const)),
        ...(databaseFault === null && isDatabaseLow(databaseRoom) ? (['database-disk-low'] as const) : []),
        ...(nodes.some(({ writeFault }) => writeFault !== null) || media.some(({ level }) => level === 'full')
          ? (['media-unwritable'] as const)
          : []),
        ...(nodes.some(isLow) ? (['media-disk-low'] as const) : []),
        ...NEEDED_ROLES.filter((role) => !living.has(role)).map((role) => `no-${role}` as const),
      ];
    } catch {
      return ['database-unreachable'];
    }
  }

  /**
   * @param hostName under which the asking client reaches this machine
   * @param isAdmin admins see private streams, too
   */
  async read(hostName: string, isAdmin: boolean): Promise<SystemWire> {
    const instances = await this.system.instances();
    const ingestNodes = await this.system.ingestNodes();
    const inference = await this.system.inference();
    const databaseFault = await this.writes.fault();
    const crashes = await this.crashes.unseen();
    const pauses = await this.controls.pauses();
    const settled = await this.settings.roles();
    const streams = (await this.streams.list()).map(({ wire }) => wire);
    const named = streams.filter((stream) => isAdmin || !stream.private).map(({ name }) => name);
    const failing = await this.failures.recent(null);
    const troubled = await this.system.troubledStreams(isAdmin);
    const deaf = (await this.system.listeners()).filter(isDeaf);
    const problems = [
      ...(databaseFault === null ? [] : [`The database cannot be written to: ${databaseFault}`]),
      ...databaseDiskProblems(await this.disk.freeBytes()),
      ...mediaFolderProblems(await this.nodes.living()),
      ...crashes.map(crashProblem),
      ...pauses.map(({ queue, by, since }) => `Queue ${queue} is paused by ${by} since ${since.toISOString()}.`),
      ...retentionProblems(await this.outlook.reports()),
      ...settled.flatMap(({ role, host, faults }) =>
        faults.map(
          ({ use, message }) => `${role} on ${host} runs without what is set here of ${use === '*' ? 'plugins' : use}: ${message}`,
        ),
      ),
      ...unmatchedConfig({ registry: this.registry, config: this.config }, streams, named),
      ...deaf.map(({ id, host, detail }) => `Listener ${id} on ${host} does not run: ${(isAdmin ? detail : null) ?? 'look into its log'}.`),
      ...troubled.map(({ name, detail }) => `Stream ${name}: ${detail}.`),
      ...NEEDED_ROLES.filter((role) => !instances.some((instance) => instance.role === role && instance.alive)).map(
        (role) => `No ${role} is running.`,
      ),
      ...this.registry.plugins
        .filter((plugin) => plugin.state === 'failed')
        .map((plugin) => `Plugin ${plugin.id} failed: ${plugin.error?.message ?? 'unknown'}`),
      ...failing.map(ofAllStreams),
      ...inference.flatMap(({ host, providers }) =>
        providers
          .filter(({ usable }) => !usable)
          .map(({ provider, reason }) => `Models cannot run on ${provider} on ${host}: ${reason ?? 'unknown'}`),
      ),
    ];
    return {
      version: this.version,
      status: problems.length === 0 ? 'ok' : 'degraded',
      problems,
      instances,
      ingestNodes,
      inference,
      crashes,
      queueBackend: this.config.redis.url === undefined ? 'postgres' : 'redis',
      rtmpUrl: publishUrl(this.registry, hostName),
    };
  }
}

const crashProblem = ({ role, host, count, lastAt }: CrashWire): string =>
  `${role} on ${host} ended ${count === 1 ? 'once' : `${count} times`} without being asked to, last heard of at ${lastAt}: ` +
  'look into its log.';
