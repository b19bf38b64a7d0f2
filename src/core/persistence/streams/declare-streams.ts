import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type EntityManager, In, IsNull } from 'typeorm';
import { StreamEntity } from '../entities/stream.entity.js';
import type { DeclaredChanges, StreamDeclaration } from './stream-store.js';

/** Tells everybody of a change, in the transaction of it. */
type Announce = (manager: EntityManager, kind: 'stream.changed', streamId: string, payload?: { readonly hidden?: true }) => Promise<void>;

/** Nodes with the same streams in their configs may start at once: one after the other. The letters VDDS. */
const DECLARE_LOCK = 0x56444453;

/** {@link StreamStore.declare}, within a transaction. */
export async function declareStreams(
  manager: EntityManager,
  streams: readonly StreamDeclaration[],
  by: string,
  announce: Announce,
): Promise<DeclaredChanges> {
  await manager.query('SELECT pg_advisory_xact_lock($1)', [DECLARE_LOCK]);
  const names = streams.map(({ name }) => name);
  const present = new Map((await manager.findBy(StreamEntity, { name: In(names) })).map((stream) => [stream.name, stream]));
  const [created, changed, released]: string[][] = [[], [], []];
  for (const declared of streams) {
    const wanted = { ...declared, declaredBy: by };
    const known = present.get(declared.name);
    const id = known?.id ?? randomUUID();
    if (known === undefined) await manager.insert(StreamEntity, { id, ...wanted });
    else if (isAs(known, wanted)) continue;
    else await manager.update(StreamEntity, { id, deletedAt: IsNull() }, wanted);
    (known === undefined ? created : changed)!.push(id);
    await announce(manager, 'stream.changed', id, known?.isPrivate === false && declared.isPrivate ? { hidden: true } : {});
  }
  for (const { id, name } of await manager.findBy(StreamEntity, { declaredBy: by })) {
    if (names.includes(name)) continue;
    await manager.update(StreamEntity, { id }, { enabled: false, declaredBy: null, declaredAt: null });
    released!.push(id);
    await announce(manager, 'stream.changed', id);
  }
  return { created: created!, changed: changed!, released: released! };
}

const isAs = (known: StreamEntity, wanted: Partial<StreamEntity>): boolean =>
  Object.entries(wanted).every(([key, value]) => isDeepStrictEqual(known[key as keyof StreamEntity], value));
