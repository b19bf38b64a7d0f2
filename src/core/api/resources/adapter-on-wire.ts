import { z } from 'zod';
import type { RegisteredSource } from '../../plugin-host/plugin-registry.js';
import { publishUrlsOf } from '../../plugin-host/publish-url.js';
import type { SourceAdapterWire } from '../../wire/sources.wire.js';
import { PAGES_PATH } from '../../wire/page-publish.wire.js';

/** @param hostName what stands for a listener on all addresses */
export function adapterOnWire(source: RegisteredSource, hostName: string): SourceAdapterWire {
  const { id, version, title, kind, config, pages } = source.definition;
  return {
    id,
    pluginId: source.pluginId,
    version,
    title,
    kind,
    configSchema: z.toJSONSchema(config, { io: 'input', unrepresentable: 'any' }),
    pages: pages === undefined ? null : { path: PAGES_PATH, mimeTypes: pages.mimeTypes.map((type) => ({ ...type })) },
    publishUrls: publishUrlsOf(source, hostName),
  };
}
