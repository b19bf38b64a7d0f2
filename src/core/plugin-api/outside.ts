import { z } from 'zod';

/** Where the operator put a secret: a file or an environment variable, never the config itself. */
export const secretSource = z
  .union(
    [
      z.strictObject({ file: z.string().min(1).describe('File that holds it; relative to the config file') }),
      z.strictObject({
        env: z
          .string()
          .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a name such as OPENAI_API_KEY')
          .describe('Variable that holds it'),
      }),
    ],
    { error: 'where the secret stands: { file: secrets/key } or { env: NAME }. A secret does not stand in the config itself' },
  )
  // The operator may have written the secret itself here: no message shows the value.
  .meta({ secret: true });
export type SecretSource = z.output<typeof secretSource>;

/** Reads the secrets that the config names. Log lines of this process mask every secret that was read. */
export interface Secrets {
  /** @throws VD_CONFIG_SECRET_FILE, VD_CONFIG_SECRET_MISSING */
  read(source: SecretSource): string;
}
export const SECRETS = Symbol.for('vedette.secrets');

/** The operator's list of hosts that plugins of core may send data to (`egress.allow`). */
export interface Egress {
  /** @throws VD_EGRESS_REFUSED unless the URL is https (or loopback) and its host is on the list */
  check(url: string | URL): void;
}
export const EGRESS = Symbol.for('vedette.egress');

/** The operator's list of folders whose files sources may read (`ingest.folders`). */
export interface Folders {
  /**
   * Where a path leads, links followed.
   * @throws VD_INGEST_FOLDER_REFUSED unless that lies in a folder of the list
   * @throws VD_INGEST_FOLDER_MISSING when there is no such folder, or it may not be looked into
   */
  resolve(path: string): Promise<string>;
}
export const FOLDERS = Symbol.for('vedette.folders');
