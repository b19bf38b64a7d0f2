import { Inject, Module, type DynamicModule, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { analysisHosts } from '../config/analysis-hosts.js';
import { CHILD_CONFINEMENT, type LazyConfinement } from '../config/child-confinement.js';
import { nodeEnvironment } from '../config/child-environment.js';
import { CONFIG_ORIGIN } from '../config/config.module.js';
import { hostHandOver } from '../config/host-hand-over.js';
import type { LoadedConfig } from '../config/load-config.js';
import { componentLoggers } from '../observability/component-logger.js';
import { ANALYSIS_HOST_POOL, PICTURE_SAMPLER } from '../plugin-api/index.js';
import { ForkedHostPool, HOST_POOL_OPTIONS, type HostPoolOptions } from './pool/analysis-host-pool.js';

/** Nest token: path of the program's entry (`dist/main.js`), which is forked with the role's name as its argument. */
export const ROLE_ENTRY = Symbol.for('vedette.role-entry');

/**
 * Worker side of analysis: the pool of host processes, under the public token that the `local` strategy asks for, and once more under
 * that of those who want pictures only. Needs MediaStoreModule.
 */
@Module({})
export class AnalysisModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(@Inject(ANALYSIS_HOST_POOL) private readonly pool: ForkedHostPool) {}

  static forEntry(entry: string): DynamicModule {
    return {
      module: AnalysisModule,
      global: true,
      providers: [
        { provide: ROLE_ENTRY, useValue: entry },
        {
          provide: HOST_POOL_OPTIONS,
          inject: [CONFIG_ORIGIN, CHILD_CONFINEMENT, ROLE_ENTRY],
          useFactory: poolOptions,
        },
        ...componentLoggers('analysis-hosts'),
        { provide: ANALYSIS_HOST_POOL, useClass: ForkedHostPool },
        { provide: PICTURE_SAMPLER, useExisting: ANALYSIS_HOST_POOL },
      ],
      exports: [ANALYSIS_HOST_POOL, PICTURE_SAMPLER],
    };
  }

  onApplicationBootstrap(): void {
    this.pool.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.close();
  }
}

/** For a pool of this machine. */
export async function poolOptions(loaded: LoadedConfig, confinement: LazyConfinement, entry: string): Promise<HostPoolOptions> {
  const { analysis } = loaded.config;
  return {
    hosts: analysisHosts(loaded.config),
    entry,
    args: ['analysis-host'],
    environment: nodeEnvironment(),
    execArgv: [],
    confinement: await confinement(),
    handOver: hostHandOver(loaded),
    jobsPerHost: analysis.jobsPerHost,
    jobTimeoutMs: analysis.jobTimeout,
    memoryLimitBytes: analysis.memoryLimit,
  };
}
