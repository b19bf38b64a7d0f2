import { Controller, Get } from '@nestjs/common';
import { z } from 'zod';
import { PluginRegistry } from '../../plugin-host/plugin-registry.js';
import { streamPatterns } from '../../plugin-host/watched-streams.js';
import { Operation } from '../openapi/operation.js';
import { pageOf, pluginWire, type Page, type PluginWire } from '../../wire/wire.js';

@Controller('api/plugins')
export class PluginsController {
  constructor(private readonly registry: PluginRegistry) {}

  @Get()
  @Operation({ id: 'listPlugins', tag: 'system', summary: 'Plugins and what they contribute', response: pageOf(pluginWire) })
  list(): Page<PluginWire> {
    const { analyzers, sources, strategies } = this.registry;
    return {
      items: this.registry.plugins.map((plugin) => ({
        id: plugin.id,
        version: plugin.version,
        use: plugin.use,
        state: plugin.state,
        error:
          plugin.error === undefined ? null : { code: plugin.error.code, message: plugin.error.message, fix: plugin.error.fix ?? null },
        analyzers: analyzers
          .filter((analyzer) => analyzer.pluginId === plugin.id)
          .map((analyzer) => ({
            id: analyzer.definition.id,
            title: analyzer.definition.title,
            queue: analyzer.definition.queue,
            version: analyzer.definition.version,
            enabled: analyzer.placement.enabled,
            streams: [...streamPatterns(analyzer)],
          })),
        sources: sources
          .filter((source) => source.pluginId === plugin.id)
          .map(({ definition }) => ({
            id: definition.id,
            title: definition.title,
            kind: definition.kind,
            configSchema:
              definition.kind === 'listener' ? null : z.toJSONSchema(definition.config, { io: 'input', unrepresentable: 'any' }),
          })),
        strategies: strategies
          .filter((strategy) => strategy.pluginId === plugin.id)
          .map(({ definition }) => ({ id: definition.id, title: definition.title })),
      })),
      next: null,
    };
  }
}
