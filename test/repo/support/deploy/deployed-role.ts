/** One process of Vedette as a file below `deploy` starts it. */
export interface DeployedRole {
  /** Which file says so, and under which name: what a failing test shows. */
  readonly where: string;
  /** As an operator would type it: `worker --queues default`. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** TCP ports it is reached on, as the file says. */
  readonly ports: readonly number[];
  /** Folders that outlive nothing but may be written to, and those that outlive the process. */
  readonly writable: readonly string[];
  /** Text of the vedette.config.yaml it gets; absent: none. */
  readonly config?: string;
}

/** Where the image and the units keep what they write. */
export const DATA_DIR = '/var/lib/vedette/data';
export const MEDIA_DIR = '/var/lib/vedette/media';
