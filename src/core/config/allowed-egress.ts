import { egressError } from '../errors/egress.errors.js';
import type { Egress } from '../plugin-api/index.js';

/** The operator's list of hosts, by exact name or as `*.example.com`, which is every host below that name and not the name itself. */
export class AllowedEgress implements Egress {
  private readonly allow: readonly string[];

  constructor(private readonly written: readonly string[]) {
    this.allow = written.map((host) => host.toLowerCase());
  }

  check(url: string | URL): void {
    const target = parsed(url);
    if (target === null)
      throw egressError('VD_EGRESS_REFUSED', 'what is to be reached is not a URL', {
        fix: 'Give the address with its scheme, such as https://api.example.com/v1.',
      });
    const { protocol, hostname, username, password } = target;
    if (username !== '' || password !== '') {
      throw egressError('VD_EGRESS_REFUSED', `the address of ${hostname} holds a user name or a password`, {
        fix: 'Take it out of the address; secrets stand in a file or in the environment.',
      });
    }
    if (protocol !== 'https:' && !(protocol === 'http:' && isLoopback(hostname))) {
      throw egressError('VD_EGRESS_REFUSED', `${protocol}//${hostname} is not https`, {
        fix: 'Use https. Plain http is for this machine only (localhost, 127.0.0.1).',
      });
    }
    if (!this.allow.some((entry) => matches(entry, hostname))) {
      throw egressError('VD_EGRESS_REFUSED', `${hostname} is not on the list of hosts that pictures may be sent to`, {
        fix:
          'Add it in vedette.config.yaml, if you mean it: ' +
          `egress: { allow: [${[...this.written, hostname].map((host) => JSON.stringify(host)).join(', ')}] }`,
      });
    }
  }
}

function parsed(url: string | URL): URL | null {
  return URL.parse(String(url));
}

const matches = (entry: string, hostname: string): boolean =>
  entry.startsWith('*.') ? hostname.endsWith(entry.slice(1)) && hostname.length > entry.length - 1 : hostname === entry;

/** As the URL parser writes it, which has undone octal, decimal and short forms. */
const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname.endsWith('.localhost') || /^127(\.\d{1,3}){3}$/.test(hostname);
