import type { LoadedConfig } from '../../core/config/load-config.js';
import type { Logger } from '../../core/plugin-api/index.js';
import { EmbeddedDatabase } from '../../core/persistence/embedded-postgres.js';
import { publishDatabaseUrl, withdrawDatabaseUrl } from '../database-address.js';

const RESTART_PAUSE_MS = 500;
const LEAST_CONNECTIONS = 100;
/** For jobs, and to listen on. */
const OTHER_CONNECTIONS_PER_ROLE = 10;

/** The database of `vedette up`: the external one of the config, or the embedded one, which is started again when it dies. */
export class UpDatabase {
  private embedded: EmbeddedDatabase | undefined;
  private stopping = false;

  constructor(
    private readonly loaded: LoadedConfig,
    private readonly logger: Logger,
  ) {}

  /** What roles connect by. */
  url = '';

  async start(): Promise<void> {
    const { database, dataDir } = this.loaded.config;
    if (database.url !== undefined) {
      this.url = database.url;
      return;
    }
    // What the three roles may have, and as much again for tools and for a worker beside them; each takes shared memory, used or not.
    const maxConnections = Math.max(LEAST_CONNECTIONS, 2 * 3 * (database.poolSize + OTHER_CONNECTIONS_PER_ROLE));
    this.embedded = new EmbeddedDatabase({ dataDir, port: database.embeddedPort, maxConnections });
    this.url = (await this.embedded.start()).url;
    await publishDatabaseUrl(dataDir, this.url);
    void this.keepRunning(this.embedded);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.embedded?.stop();
    if (this.embedded !== undefined) withdrawDatabaseUrl(this.loaded.config.dataDir);
  }

  /** For exit handlers, where nothing asynchronous runs any more. */
  stopSoon(): void {
    this.stopping = true;
    this.embedded?.stopSoon();
  }

  private async keepRunning(server: EmbeddedDatabase): Promise<void> {
    for (;;) {
      await server.exited();
      if (this.stopping) return;
      this.logger.error('The embedded PostgreSQL ended and is started again');
      try {
        await server.start();
        this.logger.info('The embedded PostgreSQL is back');
      } catch (error) {
        this.logger.error('The embedded PostgreSQL did not come back', { error });
        await new Promise((resolve) => setTimeout(resolve, RESTART_PAUSE_MS));
      }
    }
  }
}
