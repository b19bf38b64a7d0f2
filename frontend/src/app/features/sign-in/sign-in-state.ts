import { computed, signal } from '@angular/core';
import { problemFrom } from '../../api/problem';
import type { ProblemWire } from '../../api/models';
import type { SessionState } from '../../core/session-state';

export type SignInWay = 'password' | 'token';

export interface SignInDeps {
  readonly session: Pick<SessionState, 'signIn'>;
  now(): number;
}

/** The form of whoever is not signed in: by which way, what was wrong, and for how long one has to wait. */
export class SignInState {
  readonly way = signal<SignInWay>('password');
  readonly name = signal('');
  readonly password = signal('');
  readonly token = signal('');
  readonly busy = signal(false);
  readonly problem = signal<ProblemWire | null>(null);
  /** A field was left empty. */
  readonly isIncomplete = signal(false);
  private readonly nowMs: ReturnType<typeof signal<number>>;
  private readonly opensAtMs = signal(0);
  /** Seconds until a password is looked at again; 0: at once. */
  readonly waitS = computed(() => Math.max(0, Math.ceil((this.opensAtMs() - this.nowMs()) / 1000)));
  /** A token opens at once, however many passwords were wrong. */
  readonly mayTry = computed(() => !this.busy() && (this.way() === 'token' || this.waitS() === 0));

  constructor(private readonly deps: SignInDeps) {
    this.nowMs = signal(deps.now());
  }

  tick(): void {
    this.nowMs.set(this.deps.now());
  }

  choose(way: SignInWay): void {
    this.way.set(way);
    this.problem.set(null);
    this.isIncomplete.set(false);
  }

  /** @returns whether somebody is signed in now */
  async submit(): Promise<boolean> {
    if (!this.mayTry()) return false;
    const by = this.credentials();
    this.isIncomplete.set(by === null);
    this.problem.set(null);
    if (by === null) return false;
    this.busy.set(true);
    try {
      await this.deps.session.signIn(by);
      this.password.set('');
      this.token.set('');
      return true;
    } catch (error) {
      const problem = problemFrom(error);
      this.problem.set(problem);
      this.tick();
      if (problem.retryAfterS !== undefined && this.way() === 'password') this.opensAtMs.set(this.deps.now() + problem.retryAfterS * 1000);
      return false;
    } finally {
      this.busy.set(false);
    }
  }

  private credentials(): { token: string } | { name: string; password: string } | null {
    if (this.way() === 'token') {
      // A token copied from a terminal often brings a line break or a space along.
      const token = this.token().replace(/\s+/g, '');
      return token === '' ? null : { token };
    }
    const [name, password] = [this.name().trim(), this.password()];
    return name === '' || password === '' ? null : { name, password };
  }
}
