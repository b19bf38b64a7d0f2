/**
 * The processes Vedette consists of. `analysis-host` is forked by a worker or worker host, `worker-host` started by hand, the others
 * by `vedette up` or by hand.
 */
export const ROLES = ['api', 'ingest', 'worker', 'worker-host', 'analysis-host'] as const;
export type Role = (typeof ROLES)[number];

export const isRole = (name: string): name is Role => (ROLES as readonly string[]).includes(name);

/** What a role tells the process that forked it, once it does its work. */
export interface RoleReady {
  readonly type: 'ready';
  readonly role: Role;
  readonly pid: number;
  /** For the banner, e.g. `{ url: 'http://127.0.0.1:8080' }`. */
  readonly detail: Readonly<Record<string, string>>;
}

/** A role that started well and fails later says so before it ends: the supervisor shows it. */
export interface RoleFailed {
  readonly type: 'failed';
  readonly role: Role;
  readonly error: { readonly code: string; readonly message: string; readonly fix?: string };
}
export type RoleMessage = RoleReady | RoleFailed;
