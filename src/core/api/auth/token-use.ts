import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import { TokenStore } from '../../persistence/access/token-store.js';
import { errorText } from '../../plugin-api/error.js';

const LONGEST_MS = 60_000;
/** Of the time after which a session that nobody uses ends: the figure it ends by is never older. */
const SHARE_OF_IDLE = 1 / 8;

/** Writes down when tokens were last used, a minute's worth at a time: what idle sessions end by, and what the list of tokens shows. */
@Injectable()
export class TokenUse implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(TokenUse.name);
  private used = new Set<string>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly tokens: TokenStore,
    @Inject(VEDETTE_CONFIG) private readonly config: VedetteConfig,
  ) {}

  onApplicationBootstrap(): void {
    const everyMs = Math.min(LONGEST_MS, Math.ceil(this.config.api.sessionIdle * SHARE_OF_IDLE));
    this.timer = setInterval(() => void this.flush(), everyMs).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  /** By a request, or by a socket that is open. */
  note(tokenId: string): void {
    this.used.add(tokenId);
  }

  async flush(): Promise<void> {
    const used = this.used;
    if (used.size === 0) return;
    this.used = new Set();
    try {
      await this.tokens.touch([...used]);
    } catch (error) {
      for (const tokenId of used) this.used.add(tokenId); // with the next ones
      this.logger.warn(`When tokens were used could not be written down: ${errorText(error)}`);
    }
  }
}
