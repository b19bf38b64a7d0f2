import type { Logger } from '../plugin-api/index.js';
import { workerHostError } from './protocol/errors.js';
import { PROTOCOL_VERSION, SERVICE_TYPE } from './protocol/limits.js';
import { openMdns } from './protocol/mdns.js';

export interface Announced {
  readonly name: string;
  readonly port: number;
  readonly fingerprint: string;
  /** Address of this machine on the network where it is announced; absent: the system chooses. */
  readonly networkInterface?: string | undefined;
}

/**
 * Tells the local network of this host: its name and protocol, nothing that is secret. A host that cannot be announced works all the same.
 * @returns takes it back
 */
export async function announce({ name, port, fingerprint, networkInterface }: Announced, logger: Logger): Promise<() => Promise<void>> {
  let isTold = false;
  const mdns = await openMdns(networkInterface, (cause) => {
    if (isTold) return;
    isTold = true;
    logger.warn('This host cannot be announced', { error: workerHostError('VD_REMOTE_DISCOVERY', cause.message, { cause }) });
  });
  // Two hosts of one name are told apart by their certificates. A dot would end the name.
  const label = `${name.replaceAll('.', '-')} ${fingerprint.slice(0, 8)}`;
  mdns.publish({ name: label, type: SERVICE_TYPE, port, probe: false, disableIPv6: true, txt: { v: String(PROTOCOL_VERSION), name } });
  return () =>
    new Promise((resolve) => {
      // With the goodbye; a network that swallows it must not hold up the end.
      const late = setTimeout(() => mdns.destroy(() => resolve()), 500);
      mdns.unpublishAll(() => {
        clearTimeout(late);
        mdns.destroy(() => resolve());
      });
    });
}
