import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { ROOT } from '../tree.js';
import type { DeployedRole } from './deployed-role.js';
import { imageEnv } from './dockerfile.js';

export const OVERLAYS = ['small', 'split'] as const;
export type Overlay = (typeof OVERLAYS)[number];

interface SecurityContext {
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly seccompProfile?: { readonly type: string };
  readonly allowPrivilegeEscalation?: boolean;
  readonly readOnlyRootFilesystem?: boolean;
  readonly capabilities?: { readonly drop?: readonly string[] };
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: unknown }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
  readonly securityContext?: SecurityContext;
}

export interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly enableServiceLinks?: boolean;
  readonly automountServiceAccountToken?: boolean;
  readonly securityContext?: SecurityContext;
  readonly terminationGracePeriodSeconds?: number;
  readonly volumes?: readonly {
    readonly name: string;
    readonly configMap?: { readonly name: string };
    readonly secret?: { readonly items: readonly { readonly key: string; readonly path: string }[] };
  }[];
}

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: {
    readonly template?: { readonly metadata: { readonly labels: Readonly<Record<string, string>> }; readonly spec: PodSpec };
    readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
    readonly selector?: Readonly<Record<string, unknown>>;
    readonly ports?: readonly { readonly port: number; readonly targetPort: string }[];
    readonly podSelector?: { readonly matchLabels?: Readonly<Record<string, string>> };
    readonly ingress?: readonly { readonly ports?: readonly { readonly port: string }[] }[];
  };
}

/** What `kubectl apply -k` would send. */
export function rendered(overlay: Overlay): Manifest[] {
  const folder = join(ROOT, 'deploy/kubernetes/overlays', overlay);
  const text = execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
}

export const podsOf = (manifests: readonly Manifest[]): { name: string; labels: Readonly<Record<string, string>>; spec: PodSpec }[] =>
  manifests.flatMap(({ kind, metadata, spec }) =>
    spec?.template === undefined
      ? []
      : [{ name: `${kind} ${metadata.name}`, labels: spec.template.metadata.labels, spec: spec.template.spec }],
  );

/** What a field of the pod would be: enough to judge the form of what is made of it. */
const FROM_POD: Readonly<Record<string, string>> = { VEDETTE_INGEST_NODE: 'vedette-ingest-0', VEDETTE_ANALYSIS_HOSTS: '2' };

/** A variable is replaced in those that come after it only. */
function environmentOf({ env = [] }: Container): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { name, value, valueFrom } of env) {
    const text = valueFrom === undefined ? (value ?? '') : (FROM_POD[name] ?? '');
    found[name] = text.replaceAll(/\$\((\w+)\)/g, (reference, other: string) => found[other] ?? reference);
  }
  return found;
}

export const kubernetesRoles = (overlay: Overlay): DeployedRole[] => {
  const manifests = rendered(overlay);
  return podsOf(manifests).flatMap(({ name, spec }) =>
    [...(spec.initContainers ?? []), ...spec.containers]
      .filter(({ image }) => image.startsWith('vedette:'))
      .map((container) => {
        const configMap = spec.volumes?.find((volume) => volume.configMap?.name.startsWith('vedette-config-'))?.configMap?.name;
        const config = manifests.find(({ metadata }) => metadata.name === configMap)?.data?.['vedette.config.yaml'];
        return {
          where: `${overlay}: ${name}, ${container.name}`,
          command: container.args ?? [],
          env: { ...imageEnv(), ...environmentOf(container) },
          ports: (container.ports ?? []).map(({ containerPort }) => containerPort),
          writable: (container.volumeMounts ?? []).filter(({ readOnly }) => readOnly !== true).map(({ mountPath }) => mountPath),
          ...(config === undefined ? {} : { config }),
        };
      }),
  );
};
