import { mediaError } from '../../errors/media.errors.js';
import type { MediaNodes } from '../../persistence/media/media-nodes.js';
import type { SegmentUrls } from '../../plugin-api/index.js';
import type { MediaKey } from './media-key.js';
import type { SegmentSigner } from './segment-signer.js';

export interface SegmentAddressesOptions {
  /** `media.url`: on an ingest node its own address, elsewhere one for all nodes. */
  readonly url: string | undefined;
  readonly ttlMs: number;
  readonly nodes: Pick<MediaNodes, 'find'>;
  readonly signer: Pick<SegmentSigner, 'sign'>;
  readonly key: Pick<MediaKey, 'renewed'>;
  /** Id of the node whose media folder this machine has; null for none. */
  readonly ownNode: () => Promise<string | null>;
}

/** Where segments of all nodes are fetched. */
export class SegmentAddresses implements SegmentUrls {
  constructor(private readonly options: SegmentAddressesOptions) {}

  async sign({ path, nodeId }: Parameters<SegmentUrls['sign']>[0]): Promise<string> {
    const base = await this.base(nodeId);
    return `${base.replace(/\/+$/, '')}${await this.options.signer.sign(path, this.options.ttlMs)}`;
  }

  /** A signature of ours was refused: the key may have been replaced. */
  async refused(): Promise<void> {
    await this.options.key.renewed();
  }

  private async base(nodeId: string): Promise<string> {
    const { url, nodes, ownNode } = this.options;
    if (url !== undefined) {
      const own = await ownNode();
      if (own === null || own === nodeId) return url;
    }
    const node = await nodes.find(nodeId);
    if (node?.url != null) return node.url;
    const detail = node === null ? `nothing is known of the node ${nodeId}` : `the node ${node.name} (${node.id}) serves its segments to nobody`;
    throw mediaError('VD_MEDIA_NO_URL', `MEDIA_URL is not set, and ${detail}`);
  }
}
