import 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the run's PostgreSQL server, as its superuser, at the maintenance database. */
    postgresUrl: string;
    /** The same for the role that tests' databases belong to, and that may do as little as in production. */
    applicationUrl: string;
  }
}
