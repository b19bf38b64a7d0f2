import { type VedetteConfig } from '../config/schema.js';
import { databaseError } from '../errors/database.errors.js';

/** Address of the database, as this role was given it. */
export const DATABASE_URL = Symbol('vedette.database-url');

/** The address every role was given. @throws VD_DATABASE_URL_MISSING */
export function databaseUrlOf(config: VedetteConfig): string {
  if (config.database.url !== undefined) return config.database.url;
  throw databaseError('VD_DATABASE_URL_MISSING', 'This role was started without DATABASE_URL');
}
