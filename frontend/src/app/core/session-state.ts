import { computed, signal } from '@angular/core';
import type { ApiClient } from '../api/api-client';
import { ApiError } from '../api/problem';
import type { SessionWire } from '../api/models';

/** What one signs in by. */
export type SignIn = Parameters<ApiClient['signIn']>[0];
export type SessionStatus = 'unknown' | 'signed-in' | 'signed-out';

/** Who is at the dashboard. The cookie is HttpOnly: only the server knows whether it still counts. */
export class SessionState {
  readonly status = signal<SessionStatus>('unknown');
  readonly session = signal<SessionWire | null>(null);
  readonly isAdmin = computed(() => this.session()?.user.role === 'admin');
  /** The session ended by itself, not by signing out. */
  readonly expired = signal(false);

  constructor(private readonly api: ApiClient) {
    api.onUnauthorised = () => {
      this.ended();
    };
  }

  /** Asks the server; anything but a clear "no" keeps the status, so that an outage signs nobody out. */
  async check(): Promise<void> {
    try {
      const { user, kind, expiresAt } = await this.api.session();
      if (user !== null && kind !== null) this.begin({ user, kind, expiresAt });
      else this.ended();
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) {
        if (this.status() === 'unknown') throw error;
      }
    }
  }

  async signIn(by: SignIn): Promise<void> {
    this.opened(await this.api.signIn(by));
  }

  /** The server gave a session for something else than signing in: being the first person, accepting an invitation. */
  opened(session: SessionWire): void {
    this.begin(session);
    this.expired.set(false);
  }

  async signOut(): Promise<void> {
    await this.api.signOut();
    this.expired.set(false);
    this.end();
  }

  private ended(): void {
    if (this.status() === 'signed-in') this.expired.set(true);
    this.end();
  }
  private begin(session: SessionWire): void {
    this.session.set(session);
    this.status.set('signed-in');
  }
  private end(): void {
    this.session.set(null);
    this.status.set('signed-out');
  }
}
