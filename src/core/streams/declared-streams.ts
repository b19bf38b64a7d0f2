import { stat } from 'node:fs/promises';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG_ORIGIN } from '../config/config.module.js';
import type { LoadedConfig } from '../config/load-config.js';
import { type DeclaredStream, streamsConfig } from '../config/streams-config.js';
import { loggerOf } from '../observability/component-logger.js';
import { AuditLog } from '../persistence/access/audit-log.js';
import { INGEST_NODE, type IngestNode } from '../persistence/ownership/stream-owners.js';
import { type StreamDeclaration, StreamStore } from '../persistence/streams/stream-store.js';
import { errorText, type Logger } from '../plugin-api/index.js';

/**
 * Brings the streams table in line with `streams` of the config: at the start, and when the file changes. Of the file nothing else is read
 * again.
 */
@Injectable()
export class DeclaredStreams {
  /** Of the file as it was read last. */
  private stamp: string | undefined;

  constructor(
    private readonly store: StreamStore,
    private readonly audit: AuditLog,
    @Inject(CONFIG_ORIGIN) private readonly origin: LoadedConfig,
    @Inject(INGEST_NODE) private readonly node: IngestNode,
    @Inject(loggerOf('streams')) private readonly logger: Logger,
  ) {}

  async start(): Promise<void> {
    this.stamp = await this.stampNow();
    await this.apply(this.origin.config.streams);
  }

  /** Looks whether the file has changed. What is wrong in it changes nothing, and is in the log. */
  async follow(): Promise<void> {
    const file = this.origin.streamsFile ?? null;
    const stamp = await this.stampNow();
    if (file === null || stamp === undefined || stamp === this.stamp) return;
    this.stamp = stamp;
    try {
      const { readYamlFile } = await import('../config/yaml-source.js');
      const read = streamsConfig.safeParse(readYamlFile(file).value['streams'] ?? undefined);
      if (read.success) return await this.apply(read.data);
      const issues = read.error.issues.map(({ path, message }) => `${['streams', ...path].join('.')}: ${message}`).join('; ');
      this.logger.warn('The config file changed and its streams cannot be read: they stay as they are', { file, issues });
    } catch (error) {
      this.stamp = undefined;
      this.logger.warn('The config file changed and its streams cannot be taken over: they stay as they are', { error: errorText(error) });
    }
  }

  private async apply(streams: readonly DeclaredStream[]): Promise<void> {
    const { created, changed, released } = await this.store.declare(
      streams.map((stream) => this.declarationOf(stream)),
      this.node.name,
    );
    if (created.length + changed.length + released.length === 0) return;
    this.logger.info('Streams are as the config file declares them', { created, changed, released });
    const by = { name: `config file of ${this.node.name}`, userId: null, tokenId: null, address: null, requestId: null };
    for (const target of created) await this.audit.record({ by, action: 'stream.create', target });
    for (const target of [...changed, ...released]) await this.audit.record({ by, action: 'stream.update', target });
  }

  private declarationOf({ name, title, adapter, config, enabled, private: isPrivate, node }: DeclaredStream): StreamDeclaration {
    const declaredAt = `${this.origin.streamsFile ?? 'VEDETTE_STREAMS'}: streams, ${name}`;
    return { name, title: title ?? name, adapterId: adapter, sourceConfig: config, enabled, isPrivate, node: node ?? null, declaredAt };
  }

  private async stampNow(): Promise<string | undefined> {
    const { streamsFile } = this.origin;
    if (streamsFile === undefined || streamsFile === null) return undefined;
    const found = await stat(streamsFile).catch(() => undefined);
    return found === undefined ? undefined : `${found.mtimeMs} ${found.size} ${found.ino}`;
  }
}
