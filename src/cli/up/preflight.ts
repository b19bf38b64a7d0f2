import { constants } from 'node:fs';
import { access, mkdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import semver from 'semver';
import { runProgram } from '../../core/children/child-process.js';
import { programEnvironment } from '../../core/config/child-environment.js';
import type { VedetteConfig } from '../../core/config/schema.js';
import { bootError } from '../../core/errors/boot.errors.js';
import { errorText, writeWholeFile } from '../../core/plugin-api/index.js';
import type { PluginRegistry } from '../../core/plugin-host/plugin-registry.js';

/** A TCP address something is going to listen on. */
export interface Endpoint {
  readonly what: string;
  readonly host: string;
  readonly port: number;
}

/** @throws VD_BOOT_NODE_TOO_OLD */
export function checkNode(required: string, version = process.versions.node): void {
  if (!semver.satisfies(version, required))
    throw bootError('VD_BOOT_NODE_TOO_OLD', `This is Node.js ${version}; Vedette needs ${required}`);
}

/**
 * Runs ffmpeg once.
 * @returns its version
 * @throws VD_BOOT_FFMPEG_MISSING
 */
export async function checkFfmpeg(program: string): Promise<string> {
  try {
    const { stdout } = await runProgram(program, ['-hide_banner', '-version'], { env: programEnvironment(), timeoutMs: 20_000 });
    return /ffmpeg version (\S+)/.exec(stdout)?.[1] ?? 'unknown';
  } catch (cause) {
    throw bootError('VD_BOOT_FFMPEG_MISSING', `${program} -version failed: ${errorText(cause).split('\n')[0] ?? ''}`, { cause });
  }
}

/** Makes the folder when it is missing and writes to it once. @throws VD_BOOT_FOLDER_UNUSABLE */
export async function checkFolder(what: string, folder: string): Promise<void> {
  const probe = join(folder, `.vedette-write-check-${process.pid}`);
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    await writeWholeFile(probe, 'can be written');
    await rm(probe, { force: true });
  } catch (cause) {
    throw bootError('VD_BOOT_FOLDER_UNUSABLE', `${what} ${folder}: ${errorText(cause)}`, { cause });
  }
}

/** Binds the port for a moment. @throws VD_BOOT_PORT_TAKEN */
export async function checkPort({ what, host, port }: Endpoint): Promise<void> {
  if (port === 0) return;
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port, exclusive: true }, resolve);
    });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'another program listens there' : message;
    throw bootError('VD_BOOT_PORT_TAKEN', `${what} cannot listen on ${host}:${port}: ${why}`, { cause });
  } finally {
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

/** Where the dashboard and the listeners among the sources are going to listen. */
export function endpoints(config: VedetteConfig, registry: PluginRegistry): Endpoint[] {
  const listeners = registry.sources
    .filter(({ definition }) => definition.kind === 'listener')
    .flatMap(({ definition, config: options }): Endpoint[] => {
      const { host, port, tls } = (options ?? {}) as { host?: unknown; port?: unknown; tls?: { port?: unknown } };
      const at = typeof host === 'string' ? host : '0.0.0.0';
      return [port, tls?.port].filter((each) => typeof each === 'number').map((each) => ({ what: definition.title, host: at, port: each }));
    });
  return [{ what: 'The dashboard', host: config.api.host, port: config.api.port }, ...listeners];
}
