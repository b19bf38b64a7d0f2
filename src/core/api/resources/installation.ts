import { Inject, Injectable } from '@nestjs/common';
import { arch, cpus, freemem, hostname, platform, totalmem } from 'node:os';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import { DatabaseFacts } from '../../persistence/read/database-facts.js';
import { isDatabaseEmbedded } from '../../retention/database-disk.js';
import { installedPackages, type InstalledPackage } from '../../runtime/installed-packages.js';
import type { AboutWire } from '../../wire/system.wire.js';
import { VERSION } from './system-status.js';

/** What runs here, and on what. */
@Injectable()
export class Installation {
  private packages: Promise<InstalledPackage[]> | undefined;

  constructor(
    private readonly database: DatabaseFacts,
    @Inject(VEDETTE_CONFIG) private readonly config: Pick<VedetteConfig, 'database' | 'dataDir'>,
    @Inject(VERSION) private readonly version: string,
  ) {}

  async about(): Promise<AboutWire> {
    const processors = cpus();
    return {
      version: this.version,
      node: process.versions.node,
      host: hostname(),
      platform: `${platform()} ${arch()}`,
      cpus: processors.length,
      cpuModel: processors[0]?.model.trim() ?? '',
      memoryBytes: totalmem(),
      freeMemoryBytes: freemem(),
      database: { ...(await this.database.read()), isEmbedded: isDatabaseEmbedded(this.config) },
    };
  }

  /** Read once: nothing is installed while it runs. */
  licences(): Promise<InstalledPackage[]> {
    return (this.packages ??= installedPackages());
  }
}
