import { computed, signal } from '@angular/core';
import type { AccountWire, InvitedWire } from '../../api/models';
import type { PeopleApi } from '../../api/people-api';
import { ApiError, problemFrom } from '../../api/problem';
import { Doing } from '../../core/doing';
import type { SessionState } from '../../core/session-state';

/**
 * - `asking`: it is found out who is here
 * - `person`: whoever is here gets a name and a password
 * - `invited`: somebody brings a link and sets the password
 * - `nothing`: the link opens nothing
 * - `closed`: the first person is there, and nobody is signed in
 * - `forbidden`: whoever is signed in may only look
 * - `stream`, `connect`, `analyzers`: the first stream
 */
export type SetupPhase = 'asking' | 'person' | 'invited' | 'nothing' | 'closed' | 'forbidden' | 'stream' | 'connect' | 'analyzers';

/** What one sees of it, in order. */
export const SETUP_STEPS = ['person', 'stream', 'connect', 'analyzers'] as const;

export interface SetupDeps {
  readonly people: PeopleApi;
  readonly session: SessionState;
}

/** From nothing to the first picture: who is here, and where they are on the way. */
export class SetupState {
  readonly phase = signal<SetupPhase>('asking');
  readonly name = signal('');
  readonly password = signal('');
  /** Brought by the link, or typed where there was none. */
  readonly token = signal('');
  readonly invited = signal<InvitedWire | null>(null);
  private readonly doing = new Doing();
  readonly busy = this.doing.busy;
  readonly isIncomplete = signal(false);
  readonly problem = this.doing.problem;
  /** By a one-time token somebody signed in before without taking a name and a password. */
  readonly isSignedIn = signal(false);
  readonly stepAt = computed(() => (SETUP_STEPS as readonly string[]).indexOf(this.phase()));
  private account: AccountWire | null = null;

  constructor(private readonly deps: SetupDeps) {}

  /** @param fragment of the address: `token=…` of the start-up banner, `invitation=…` of a link, or nothing */
  async begin(fragment: string): Promise<void> {
    const brought = new URLSearchParams(fragment);
    const invitation = brought.get('invitation');
    this.token.set(invitation ?? brought.get('token') ?? '');
    this.problem.set(null);
    try {
      this.phase.set(invitation === null ? await this.phaseOfVisitor() : await this.phaseOfInvited(invitation));
    } catch (error) {
      this.problem.set(problemFrom(error));
    }
  }

  /** Whoever is here takes the name and the password. @returns whether it is done */
  async savePerson(): Promise<boolean> {
    const [name, password, token] = [this.name().trim(), this.password(), this.token().replace(/\s+/g, '')];
    this.isIncomplete.set(name === '' || password === '' || (token === '' && !this.isSignedIn()));
    if (this.isIncomplete()) return false;
    return this.attempt(async () => {
      if (this.account === null) this.deps.session.opened(await this.deps.people.setUp({ token, name, password }));
      else await this.nameMyself(this.account.user.id, name, password);
      this.phase.set('stream');
    });
  }

  /** @returns whether whoever was invited is signed in now */
  async acceptInvitation(): Promise<boolean> {
    this.isIncomplete.set(this.password() === '');
    if (this.isIncomplete()) return false;
    return this.attempt(async () => {
      this.deps.session.opened(await this.deps.people.accept({ token: this.token(), password: this.password() }));
    });
  }

  private async nameMyself(id: string, name: string, password: string): Promise<void> {
    await this.deps.people.update(id, { name });
    await this.deps.people.setPassword({ password });
    await this.deps.session.check();
  }

  private async phaseOfInvited(token: string): Promise<SetupPhase> {
    try {
      const invited = await this.deps.people.invited(token);
      this.invited.set(invited);
      this.name.set(invited.name);
      return 'invited';
    } catch (error) {
      if (error instanceof ApiError && error.problem.code === 'VD_AUTH_INVITATION_INVALID') return 'nothing';
      throw error;
    }
  }

  private async phaseOfVisitor(): Promise<SetupPhase> {
    const { people, session } = this.deps;
    if (session.status() === 'unknown') await session.check();
    if (session.status() !== 'signed-in') return (await people.isSetupOpen()) ? 'person' : 'closed';
    if (!session.isAdmin()) return 'forbidden';
    const account = await people.account();
    if (account.hasPassword || !account.isPerson || account.asksOldPassword) return 'stream';
    this.account = account;
    this.isSignedIn.set(true);
    return 'person';
  }

  /** What was typed as a password is not kept once it counts. */
  private attempt(work: () => Promise<void>): Promise<boolean> {
    return this.doing.attempt(async () => {
      await work();
      this.password.set('');
    });
  }
}
