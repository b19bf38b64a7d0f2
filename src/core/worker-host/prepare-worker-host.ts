import { hostname, networkInterfaces } from 'node:os';
import { resolve } from 'node:path';
import { workerHostError } from './protocol/errors.js';
import { announce } from './announcement.js';
import { hostCertificate } from './certificate.js';
import { hostToken } from './host-token.js';
import { WorkerHost, type WorkerHostOptions } from './worker-host.js';

/** The key `workerHost` of the config, with what the command line says instead. */
export interface WorkerHostSettings {
  readonly listen: string;
  readonly token?: string | undefined;
  /** Wins over `token`; without either, the host makes a token of its own. */
  readonly tokenFile?: string | undefined;
  readonly name?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly announce: boolean;
}

export interface RunningWorkerHost {
  /** For the line that says it is ready. */
  readonly detail: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export interface PreparedWorkerHost {
  /** @throws VD_REMOTE_LISTEN, VD_REMOTE_CERTIFICATE */
  start(surroundings: Pick<WorkerHostOptions, 'analyzers' | 'pool' | 'references' | 'logger'>): Promise<RunningWorkerHost>;
}

/**
 * Reads and makes what a worker host needs, before anything is started that would have to be ended again.
 * @param where files are relative to `baseDir`; its own certificate is kept in `dataDir`
 * @throws VD_REMOTE_TOKEN_UNREADABLE, VD_REMOTE_TOKEN_SHORT, VD_REMOTE_CERTIFICATE, VD_REMOTE_LISTEN
 */
export async function prepareWorkerHost(
  settings: WorkerHostSettings,
  where: { readonly baseDir: string; readonly dataDir: string },
  version: string,
): Promise<PreparedWorkerHost> {
  const at = (file: string | undefined): string | undefined => (file === undefined ? undefined : resolve(where.baseDir, file));
  const { token, file: tokenFile } = await hostToken(where.dataDir, { token: settings.token, file: at(settings.tokenFile) });
  const listen = addressOf(settings.listen);
  const name = settings.name ?? hostname();
  const certificate = await hostCertificate(where.dataDir, { certFile: at(settings.certFile), keyFile: at(settings.keyFile) });
  return {
    start: async (surroundings) => {
      const host = await WorkerHost.start({ listen, token, name, version, certificate, ...surroundings });
      const { port } = host.address;
      const isEverywhere = listen.host === '0.0.0.0' || listen.host === '::';
      const url = `https://${bracketed(isEverywhere ? ownAddress() : listen.host)}:${port}`;
      const networkInterface = isEverywhere ? undefined : listen.host;
      const withdraw = settings.announce
        ? await announce({ name, port, fingerprint: host.fingerprint, networkInterface }, surroundings.logger)
        : undefined;
      return {
        detail: {
          ...{ url, fingerprint: host.fingerprint, config: snippet(url, host.fingerprint) },
          ...(tokenFile === undefined ? {} : { tokenFile }),
        },
        close: async () => {
          await withdraw?.();
          await host.close();
        },
      };
    },
  };
}

/** For the worker's vedette.config.yaml, below `plugins:`. */
const snippet = (url: string, fingerprint: string): string =>
  '- { use: vedette/strategy-remote-lan, strategies: { remote-lan: { token: { file: worker-host-token }, ' +
  `hosts: [{ url: "${url}", fingerprint: "${fingerprint}" }] } } }`;

/** `host:port`, IPv6 in brackets. */
function addressOf(written: string): { readonly host: string; readonly port: number } {
  const split = written.lastIndexOf(':');
  const port = Number(written.slice(split + 1));
  const host = written.slice(0, split).replace(/^\[|\]$/g, '');
  if (split > 0 && host !== '' && /^\d+$/.test(written.slice(split + 1)) && port < 65_536) return { host, port };
  throw workerHostError('VD_REMOTE_LISTEN', `${JSON.stringify(written)} is no address and port`);
}

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** Where others may reach this machine, as far as it knows itself. */
function ownAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? hostname();
}
