import { setTimeout as delay } from 'node:timers/promises';
import { Discovery } from './discovery.js';
import { RemoteHost, type RemoteHostOptions, type RemoteHostSurroundings } from './remote-host.js';

const MAX_ANNOUNCED = 32;
/** One that announced itself and has been away for so long is forgotten. */
const FORGOTTEN_AFTER_MS = 300_000;
/** A worker starts without waiting longer for its hosts. */
const GREETING_MS = 2_000;

export interface DirectoryOptions {
  readonly hosts: readonly Omit<RemoteHostOptions, 'isAnnounced'>[];
  /** Hosts that announce themselves are used too. */
  readonly discover: boolean;
  /** Address of this machine on the network where they are looked for. */
  readonly networkInterface?: string | undefined;
}

/** The worker hosts that are known: from config, and announced. */
export class HostDirectory {
  private readonly hostsByUrl = new Map<string, RemoteHost>();
  private discovery: Discovery | undefined;

  private constructor(private readonly around: RemoteHostSurroundings) {}

  /** Begins to connect; waits a little for those from config, so that the first jobs find them. */
  static async open(options: DirectoryOptions, around: RemoteHostSurroundings): Promise<HostDirectory> {
    const directory = new HostDirectory(around);
    for (const host of options.hosts) directory.add({ ...host, isAnnounced: false });
    if (options.discover) {
      directory.discovery = new Discovery(around.logger, (url) => directory.found(url));
      await directory.discovery.start(options.networkInterface);
    }
    const waited = new AbortController();
    await Promise.race([
      Promise.all(directory.hosts.map(({ greeted }) => greeted)),
      delay(GREETING_MS, undefined, { signal: waited.signal }).catch(() => undefined),
    ]);
    waited.abort();
    return directory;
  }

  get hosts(): readonly RemoteHost[] {
    return [...this.hostsByUrl.values()];
  }

  async close(): Promise<void> {
    await Promise.all([this.discovery?.close(), ...this.hosts.map((host) => host.close())]);
  }

  private add(options: RemoteHostOptions): void {
    const host = new RemoteHost(options, this.around);
    this.hostsByUrl.set(options.url, host);
    host.start();
  }

  private found(url: string): void {
    if (this.hostsByUrl.has(url)) return;
    const announced = this.hosts.filter((host) => host.isAnnounced);
    for (const host of announced.filter((one) => !one.isConnected && one.unchangedMs > FORGOTTEN_AFTER_MS)) {
      this.hostsByUrl.delete(host.url);
      void host.close();
    }
    if (this.hosts.filter((host) => host.isAnnounced).length < MAX_ANNOUNCED) this.add({ url, isAnnounced: true });
  }
}
