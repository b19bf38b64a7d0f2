import { parse } from 'yaml';
import { textOf } from '../tree.js';
import type { DeployedRole } from './deployed-role.js';
import { imageCommand, imageEnv, imageVolumes } from './dockerfile.js';

export interface ComposeService {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly secrets?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly stop_grace_period?: string;
}

export interface ComposeFile {
  readonly name: string;
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly secrets?: Readonly<Record<string, { readonly file: string }>>;
}

export const COMPOSE_FILES = ['deploy/compose.yaml', 'deploy/compose.split.yaml'] as const;

export const composeFile = (file: string): ComposeFile => parse(textOf(file), { merge: true }) as ComposeFile;

/** Services of Vedette itself, by `file: service`. */
export const ownServices = (): { where: string; service: ComposeService }[] =>
  COMPOSE_FILES.flatMap((file) =>
    Object.entries(composeFile(file).services)
      .filter(([, { image }]) => image.startsWith('vedette:'))
      .map(([name, service]) => ({ where: `${file}: ${name}`, service })),
  );

export const composeRoles = (): DeployedRole[] =>
  ownServices().map(({ where, service }) => ({
    where,
    command: service.command ?? imageCommand(),
    env: { ...imageEnv(), ...service.environment },
    // host:container, with or without the host's address
    ports: (service.ports ?? []).map((port) => Number(port.slice(port.lastIndexOf(':') + 1))),
    writable: [...imageVolumes(), ...(service.volumes ?? []).map((volume) => volume.split(':')[1] ?? '')],
  }));
