/** Names of variables that carry credentials: whole words between underscores, and PostgreSQL's own PG… set. */
const CREDENTIALS = /^PG[A-Z]+$|(^|_)(DATABASE|REDIS|PASSWORD|PASSWD|SECRET|TOKEN|KEY|CREDENTIALS?)(_|$)/;

/**
 * The environment for a child process that runs plugins and decodes foreign media: without anything that opens a database,
 * a queue or a cloud account.
 * @example childEnvironment({ PATH: '/bin', DATABASE_URL: 'postgres://…' }) // { PATH: '/bin' }
 */
export function childEnvironment(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !CREDENTIALS.test(name.toUpperCase())));
}

/** Where libraries and temporary files are, and where Windows is. */
const BARE = /^(PATH|LD_LIBRARY_PATH|DYLD_LIBRARY_PATH|CUDA_\w+|NVIDIA_\w+|SYSTEMROOT|TMPDIR|TEMP|TMP|LANG)$/;

/** The environment for a process that only opens a foreign file: what native libraries need to be found, and nothing else. */
export function bareEnvironment(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => BARE.test(name.toUpperCase())));
}
