import 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the run's PostgreSQL server, as its superuser, at the maintenance database. */
    postgresUrl: string;
  }
}
