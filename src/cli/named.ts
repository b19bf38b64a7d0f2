import { brandError } from '../core/errors/brand.errors.js';
import { ledgerError } from '../core/errors/ledger.errors.js';
import type { BrandRecord } from '../core/persistence/references/brand-records.js';
import type { StreamRecord, StreamStore } from '../core/persistence/streams/stream-store.js';
import { displayName } from '../core/plugin-api/index.js';

/** @throws VD_STREAM_NOT_FOUND */
export async function streamNamed(streams: Pick<StreamStore, 'getByName'>, name: string): Promise<StreamRecord> {
  const found = await streams.getByName(name);
  if (found === null) throw ledgerError('VD_STREAM_NOT_FOUND', `There is no stream ${JSON.stringify(name)}`);
  return found;
}

/** As people write it: however it is spelt in capitals. @throws VD_BRAND_NOT_FOUND */
export function brandNamed(brands: readonly BrandRecord[], name: string, otherwise: string): BrandRecord {
  const wanted = displayName(name).toLowerCase();
  const found = brands.find((brand) => displayName(brand.name).toLowerCase() === wanted);
  if (found === undefined)
    throw brandError('VD_BRAND_NOT_FOUND', `${otherwise} ${JSON.stringify(name)}.`, {
      fix: 'Look at `vedette brand list`, with --removed for those that were removed.',
    });
  return found;
}
