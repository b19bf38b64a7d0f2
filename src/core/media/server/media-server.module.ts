import { hostname } from 'node:os';
import { Inject, Module, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { listenAddress } from '../../config/listen-address.js';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import { LOGGER, type VedetteLogger } from '../../observability/logger.js';
import { MediaNodes } from '../../persistence/media/media-nodes.js';
import { ingestIdentity } from '../media-folder-identity.js';
import { FolderWriteCheck } from '../store/folder-write-check.js';
import { MediaKey } from '../store/media-key.js';
import { MediaStoreModule } from '../store/media-store.module.js';
import { SegmentSigner } from '../store/segment-signer.js';
import { MediaPresence } from './media-presence.js';
import { MediaServer } from './media-server.js';
import { publishedUrl } from './published-url.js';

/**
 * What the ingest role is to other machines: its segments by signed address, and where that is. Needs ConfigModule and
 * ObservabilityModule.
 */
@Module({ imports: [MediaStoreModule] })
export class MediaServerModule implements OnApplicationBootstrap, OnModuleDestroy {
  private server: MediaServer | undefined;
  private presence: MediaPresence | undefined;

  constructor(
    @Inject(VEDETTE_CONFIG) private readonly config: VedetteConfig,
    private readonly nodes: MediaNodes,
    private readonly key: MediaKey,
    private readonly signer: SegmentSigner,
    @Inject(LOGGER) private readonly logger: VedetteLogger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { mediaDir, media, ingest } = this.config;
    const logger = this.logger.child({ component: 'media-server' });
    const id = await ingestIdentity(mediaDir);
    let listening = media.listen === undefined ? undefined : listenAddress(media.listen);
    if (listening !== undefined) {
      await this.key.current(); // from now on the database may be away
      this.server = new MediaServer({ mediaDir, listen: listening, signer: this.signer, logger });
      listening = { ...listening, port: await this.server.start() };
    }
    const node = { id, name: ingest.node ?? hostname(), url: publishedUrl(media.url, listening), host: hostname() };
    this.presence = new MediaPresence({ nodes: this.nodes, node, folder: new FolderWriteCheck(mediaDir), logger });
    await this.presence.start();
  }

  /** Before the modules it depends on close their database connections. */
  async onModuleDestroy(): Promise<void> {
    await this.presence?.stop();
    await this.server?.stop();
  }
}
