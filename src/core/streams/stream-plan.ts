import { ingestError } from '../errors/ingest.errors.js';
import type { StreamRecord } from '../persistence/streams/stream-store.js';
import type { NodeRecord, OwnerRecord } from '../persistence/ownership/stream-owners.js';
import type { SourceState } from '../plugin-api/index.js';
import type { PluginRegistry } from '../plugin-host/plugin-registry.js';
import { streamConfigOf } from './publish-policy.js';
import { sameName } from './stream-ownership.js';

/** What this node is to do about a stream. */
export type StreamPlan =
  /** Its source runs on one node; this one may be it. */
  | { readonly kind: 'run'; readonly config: unknown; readonly isFree: boolean }
  /** Publishers come by themselves. */
  | { readonly kind: 'admit'; readonly says?: Saying }
  /** Nothing of it may go on here. */
  | { readonly kind: 'rest'; readonly why: string; readonly says?: Saying };

export interface Saying {
  readonly state: SourceState;
  readonly detail: string;
  readonly error?: Error;
}

/** What is known of the nodes when streams are planned. */
export interface NodesView {
  readonly nodeId: string;
  readonly nodeName: string;
  readonly nodes: readonly NodeRecord[];
  readonly owners: ReadonlyMap<string, OwnerRecord>;
  /** Whether a lapsed lease means a dead node. */
  readonly isSteady: boolean;
}

/** Whether a stream may run on a node of that name at all. */
export function mayRunOn(stream: { readonly node: string | null }, nodeName: string): boolean {
  return stream.node === null || sameName(stream.node, nodeName);
}

/** Decides by what the tables say; who of several nodes then has a stream is settled by its lease. */
export function planOf(stream: StreamRecord, registry: PluginRegistry, view: NodesView): StreamPlan {
  const owner = view.owners.get(stream.id);
  const isOthers = owner !== undefined && owner.nodeId !== view.nodeId && (owner.alive || !view.isSteady);
  const plan = planUnowned(stream, registry, view);
  // The stream's state is its owner's to tell.
  if (isOthers) return plan.kind === 'run' ? { ...plan, isFree: false } : { ...plan, says: undefined };
  return plan;
}

function planUnowned(stream: StreamRecord, registry: PluginRegistry, view: NodesView): StreamPlan {
  if (!stream.enabled) return { kind: 'rest', why: 'stream-disabled', says: { state: 'stopped', detail: 'The stream is disabled' } };
  if (!mayRunOn(stream, view.nodeName)) return pinnedElsewhere(stream.node as string, view);
  const registered = registry.sources.find(({ definition }) => definition.id === stream.adapterId);
  if (registered === undefined)
    return failed(ingestError('VD_INGEST_ADAPTER_UNKNOWN', `no enabled plugin has a source "${stream.adapterId}"`));
  const { kind } = registered.definition;
  const config = streamConfigOf(registered.definition).safeParse(stream.sourceConfig);
  if (config.success && kind === 'listener') return { kind: 'admit', says: { state: 'pending', detail: 'Waiting for a publisher' } };
  if (config.success) return { kind: 'run', config: config.data, isFree: true };
  const issues = config.error.issues.map((issue) => `${issue.path.join('.') || 'config'}: ${issue.message}`).join('; ');
  return failed(ingestError('VD_INGEST_CONFIG_INVALID', issues));
}

function pinnedElsewhere(node: string, { nodes }: NodesView): StreamPlan {
  const rest = { kind: 'rest', why: 'stream-moved' } as const;
  if (nodes.some(({ name, alive }) => alive && sameName(name, node))) return rest;
  return { ...rest, says: { state: 'pending', detail: `Pinned to the ingest node "${node}", which is not there` } };
}

function failed(error: Error & { code: string; fix?: string }): StreamPlan {
  return {
    kind: 'rest',
    why: 'source-changed',
    says: { state: 'failed', detail: `${error.code}: ${error.message}. ${error.fix ?? ''}`.trim(), error },
  };
}
