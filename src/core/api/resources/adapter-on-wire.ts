import { z, type ZodType } from 'zod';
import type { RegisteredSource } from '../../plugin-host/plugin-registry.js';
import { publishUrlsOf } from '../../plugin-host/publish-url.js';
import { streamConfigOf } from '../../streams/publish-policy.js';
import { PAGES_PATH } from '../../wire/page-publish.wire.js';
import type { ListenerWire, SourceAdapterWire } from '../../wire/sources.wire.js';

/**
 * @param hostName what stands for a listener on all addresses
 * @param listeners those of all adapters
 */
export function adapterOnWire(
  source: RegisteredSource,
  hostName: string,
  listeners: readonly (ListenerWire & { readonly id: string })[],
): SourceAdapterWire {
  const { id, version, title, kind, config, pages } = source.definition;
  return {
    id,
    pluginId: source.pluginId,
    version,
    title,
    kind,
    configSchema: formOf(streamConfigOf(source.definition)),
    listenerSchema: kind === 'listener' ? formOf(config) : null,
    pages: pages === undefined ? null : { path: PAGES_PATH, mimeTypes: pages.mimeTypes.map((type) => ({ ...type })) },
    publishUrls: publishUrlsOf(source, hostName),
    listeners: listeners.filter((each) => each.id === id).map(({ host, state, detail }) => ({ host, state, detail })),
  };
}

const formOf = (schema: ZodType) => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
