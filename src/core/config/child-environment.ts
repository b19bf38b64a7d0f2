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
