import { Injectable } from '@nestjs/common';
import { apiError } from '../../errors/api.errors.js';
import type { VedetteError } from '../../errors/errors.js';
import { closest } from '../../plugin-api/index.js';
import { BrandStore } from '../../persistence/references/brand-store.js';
import { PluginRegistry } from '../../plugin-host/plugin-registry.js';

const LISTED = 20;

/** Names in a query that a page of results is filtered by. */
interface NamedFilter {
  readonly analyzerId?: string | undefined;
  readonly queue?: string | undefined;
  /** Cursor: such a page goes on from one that held something. */
  readonly after?: string | undefined;
}

/**
 * Whether the names in a query are of anything. Results outlast the analyzers that made them, so a name is unknown where no loaded
 * plugin has it and no result either. Labels, names of metrics and events, and times are what analyzers and clocks bring forth at any
 * time: those give an empty list.
 */
@Injectable()
export class KnownNames {
  constructor(
    private readonly registry: PluginRegistry,
    private readonly brands: BrandStore,
  ) {}

  /**
   * Gives a page back, unless it is empty since nothing has the name that it was asked for by.
   * @throws VD_API_NAME_UNKNOWN with the nearest name
   */
  async explain<T extends { readonly items: readonly unknown[] }>(filter: NamedFilter, reading: Promise<T>): Promise<T> {
    const page = await reading;
    if (page.items.length > 0 || filter.after !== undefined) return page;
    const { analyzers, queues } = this.registry;
    const ids = analyzers.map(({ definition }) => definition.id);
    if (filter.analyzerId !== undefined && !ids.includes(filter.analyzerId)) throw unknownName('analyzerId', filter.analyzerId, ids);
    if (filter.queue !== undefined && !queues.includes(filter.queue)) throw unknownName('queue', filter.queue, queues);
    return page;
  }

  /**
   * @param seen brands in the results that were read
   * @throws VD_API_NAME_UNKNOWN for a brand that is neither among them nor in the library
   */
  async brandsMustExist(brands: readonly string[], seen: ReadonlySet<string>): Promise<void> {
    const unseen = brands.filter((brand) => !seen.has(brand));
    if (unseen.length === 0) return;
    const listed = await Promise.all([this.brands.list(), this.brands.list({ deleted: true })]);
    const known = listed.flat().map(({ name }) => name);
    const unknown = unseen.find((brand) => !known.includes(brand));
    if (unknown !== undefined) throw unknownName('brand', unknown, [...new Set([...known, ...seen])]);
  }
}

const unknownName = (parameter: string, name: string, known: readonly string[]): VedetteError =>
  apiError('VD_API_NAME_UNKNOWN', `${parameter}: ${nothingNamed(name, known)}`);

/** Says that a name is unknown, which it most likely stands for, and which there are. */
export function nothingNamed(name: string, known: readonly string[]): string {
  const near = closest(name, known);
  const hint = near === undefined ? '' : ` (did you mean ${JSON.stringify(near)}?)`;
  const others = known.length > LISTED ? ', …' : '';
  return `nothing is named ${JSON.stringify(name)}${hint}; there are: ${known.slice(0, LISTED).join(', ') || 'none'}${others}`;
}
