import { Inject, Injectable } from '@nestjs/common';
import { SharedSecrets } from '../../persistence/media/shared-secrets.js';

const NAME = 'media-addresses';
const SIZE_BYTES = 32;
/** However many forged addresses come: the database is asked for a newer key at most this often. */
const RENEW_MS = 5_000;

/**
 * The key that addresses of segments are signed with, the same on all machines. Read once, and again when it seems to have been
 * replaced.
 */
@Injectable()
export class MediaKey {
  private key: Promise<Buffer> | undefined;
  private renewedAtMs = Number.NEGATIVE_INFINITY;

  constructor(@Inject(SharedSecrets) private readonly secrets: Pick<SharedSecrets, 'read'>) {}

  current(): Promise<Buffer> {
    this.key ??= this.read();
    return this.key;
  }

  /**
   * To be asked when a signature was not right.
   * @returns null when the key is still the same, or was looked up moments ago
   */
  async renewed(): Promise<Buffer | null> {
    const old = await this.current();
    if (performance.now() - this.renewedAtMs < RENEW_MS) return null;
    this.renewedAtMs = performance.now();
    const key = await this.secrets.read(NAME, SIZE_BYTES);
    if (key.equals(old)) return null;
    this.key = Promise.resolve(key);
    return key;
  }

  private async read(): Promise<Buffer> {
    try {
      return await this.secrets.read(NAME, SIZE_BYTES);
    } catch (error) {
      this.key = undefined;
      throw error;
    }
  }
}
