import { isIPv4 } from 'node:net';
import type { Logger } from 'vedette/plugin';
import { type Mdns, openMdns, PROTOCOL_VERSION, SERVICE_TYPE, workerHostError } from 'vedette/worker-host';

const ASK_EVERY_MS = 30_000;
/** The library remembers every name it hears; past this it is made to forget. */
const MAX_HEARD = 256;

/**
 * Hears worker hosts announce themselves on the local network. What is heard is nobody's word: a host is spoken to at the
 * address its announcement came from, and used once it has proved that it has the token.
 */
export class Discovery {
  private mdns: Mdns | undefined;
  private browser: ReturnType<Mdns['find']> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isTold = false;

  constructor(
    private readonly logger: Logger,
    private readonly onFound: (url: string) => void,
  ) {}

  /** @param networkInterface address of this machine on the network that is meant; absent: the system's choice */
  async start(networkInterface: string | undefined): Promise<void> {
    this.mdns = await openMdns(networkInterface, (cause) => this.failed(cause));
    this.browse();
    this.timer = setInterval(() => this.ask(), ASK_EVERY_MS);
  }

  close(): Promise<void> {
    clearInterval(this.timer);
    this.browser?.stop();
    return new Promise((resolve) => (this.mdns === undefined ? resolve() : this.mdns.destroy(() => resolve())));
  }

  private browse(): void {
    this.browser?.stop();
    this.browser = this.mdns?.find({ type: SERVICE_TYPE }, ({ referer, port, txt }) => {
      const isOurs = (txt as Record<string, unknown> | undefined)?.['v'] === String(PROTOCOL_VERSION);
      if (!isOurs || referer === undefined || !isIPv4(referer.address) || !(port > 0 && port < 65_536)) return;
      this.onFound(`https://${referer.address}:${port}`);
    });
  }

  private ask(): void {
    // A new search also tells again of hosts that were dropped meanwhile.
    if ((this.browser?.services.length ?? 0) > MAX_HEARD)
      this.logger.warn('Very many names are announced on the local network', { heard: this.browser?.services.length });
    this.browse();
  }

  private failed(cause: Error): void {
    if (this.isTold) return;
    this.isTold = true;
    this.logger.warn('Worker hosts that announce themselves cannot be heard', {
      error: workerHostError('VD_REMOTE_DISCOVERY', cause.message, { cause }),
    });
  }
}
