import { isAbsolute } from 'node:path';
import type { ChildEnvironment } from '../children/child-process.js';

const PATH = /^(PATH|SYSTEMROOT)$/;
/** Where programs, libraries and temporary files are, and how texts and times are written. */
const PROGRAM = /^(PATH|LD_LIBRARY_PATH|DYLD_LIBRARY_PATH|CUDA_\w+|NVIDIA_\w+|SYSTEMROOT|TMPDIR|TEMP|TMP|LANG|LC_\w+|TZ)$/;
/** Who a process runs as, and where that user's files are. */
const USER = /^(HOME|USER|LOGNAME|XDG_CACHE_HOME)$/;
const NAMES_A_FILE = /_(FILE|CERTS|CREDENTIALS)$/;
/** How ffmpeg finds devices: sound servers, screens, hardware that decodes. */
const DEVICES = /^(HOME|XDG_RUNTIME_DIR|PULSE_\w+|ALSA_\w+|DISPLAY|LIBVA_\w+|VDPAU_\w+)$/;
/** How Node.js and the libraries in it are set up. */
const NODE = /^(NODE_(OPTIONS|PATH|ENV|EXTRA_CA_CERTS|ICU_DATA)|SSL_CERT_(FILE|DIR)|UV_THREADPOOL_SIZE|(COLOR)?TERM|(NO|FORCE)_COLOR)$/;
/** How many threads and how much memory libraries for numbers take. */
const NUMERICS = /^(OMP|ORT|MKL|OPENBLAS|MALLOC)_\w+$/;

/** For what needs nothing: where programs are, since it is started by way of some. */
export function pathEnvironment(environment: NodeJS.ProcessEnv = process.env): ChildEnvironment {
  return only(environment, PATH);
}

/** For a program that only opens a foreign file, and for the system's own programs. */
export function programEnvironment(environment: NodeJS.ProcessEnv = process.env): ChildEnvironment {
  return only(environment, PROGRAM);
}

/** For ffmpeg, which may be asked to open a device. */
export function deviceEnvironment(environment: NodeJS.ProcessEnv = process.env): ChildEnvironment {
  return only(environment, PROGRAM, DEVICES);
}

/**
 * For Node.js processes of ours: roles and analysis hosts. Whatever else they need (config, secrets) is handed over to them by
 * a pipe (`hand-over.ts`): what is in an environment can be read from outside as long as the process lives.
 */
export function nodeEnvironment(
  environment: NodeJS.ProcessEnv = process.env,
  { isOfAnotherUser = false }: { readonly isOfAnotherUser?: boolean } = {},
): ChildEnvironment {
  return only(environment, PROGRAM, NODE, NUMERICS, ...(isOfAnotherUser ? [] : [USER]));
}

/** Files that variables name: secrets, certificates, credentials of libraries. */
export function filesInEnvironment(environment: NodeJS.ProcessEnv = process.env): string[] {
  return Object.entries(environment).flatMap(([name, path]) =>
    NAMES_A_FILE.test(name) && path !== undefined && isAbsolute(path) ? [path] : [],
  );
}

/** What an environment has besides {@link nodeEnvironment}. */
export function variablesToHandOver(environment: NodeJS.ProcessEnv = process.env): Readonly<Record<string, string>> {
  const open = nodeEnvironment(environment);
  const entries = Object.entries(environment).filter((entry): entry is [string, string] => !(entry[0] in open) && entry[1] !== undefined);
  return Object.fromEntries(entries);
}

function only(environment: NodeJS.ProcessEnv, ...lists: readonly RegExp[]): ChildEnvironment {
  const entries = Object.entries(environment).filter(([name]) => lists.some((list) => list.test(name.toUpperCase())));
  return Object.fromEntries(entries) as ChildEnvironment;
}
