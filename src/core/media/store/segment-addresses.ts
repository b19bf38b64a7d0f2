import { Inject, Injectable } from '@nestjs/common';
import { mediaError } from '../../errors/media.errors.js';
import { MediaNodes } from '../../persistence/media/media-nodes.js';
import type { SegmentUrls } from '../../plugin-api/index.js';
import { MediaKey } from './media-key.js';
import { SegmentSigner } from './segment-signer.js';

/** Nest token of {@link SegmentAddressesOptions}. */
export const SEGMENT_ADDRESSES_OPTIONS = Symbol.for('vedette.segment-addresses-options');

export interface SegmentAddressesOptions {
  /** `media.url`: on an ingest node its own address, elsewhere one for all nodes. */
  readonly url: string | undefined;
  readonly ttlMs: number;
  /** Id of the node whose media folder this machine has; null for none. */
  readonly ownNode: () => Promise<string | null>;
}

/** Where segments of all nodes are fetched. */
@Injectable()
export class SegmentAddresses implements SegmentUrls {
  constructor(
    @Inject(SEGMENT_ADDRESSES_OPTIONS) private readonly options: SegmentAddressesOptions,
    @Inject(MediaNodes) private readonly nodes: Pick<MediaNodes, 'find'>,
    @Inject(SegmentSigner) private readonly signer: Pick<SegmentSigner, 'sign'>,
    @Inject(MediaKey) private readonly key: Pick<MediaKey, 'renewed'>,
  ) {}

  async sign({ path, nodeId }: Parameters<SegmentUrls['sign']>[0]): Promise<string> {
    const base = await this.base(nodeId);
    return `${base.replace(/\/+$/, '')}${await this.signer.sign(path, this.options.ttlMs)}`;
  }

  /** A signature of ours was refused: the key may have been replaced. */
  async refused(): Promise<void> {
    await this.key.renewed();
  }

  private async base(nodeId: string): Promise<string> {
    const { url, ownNode } = this.options;
    if (url !== undefined) {
      const own = await ownNode();
      if (own === null || own === nodeId) return url;
    }
    const node = await this.nodes.find(nodeId);
    if (node?.url != null) return node.url;
    const detail =
      node === null ? `nothing is known of the node ${nodeId}` : `the node ${node.name} (${node.id}) serves its segments to nobody`;
    throw mediaError('VD_MEDIA_NO_URL', `MEDIA_URL is not set, and ${detail}`);
  }
}
