import { bodyOf, type Body, type Http } from './body';
import type {
  AccountWire,
  InvitationWire,
  InvitedWire,
  NewTokenWire,
  OpenSessionWire,
  Page,
  PersonWire,
  SessionWire,
  TokenWire,
} from './models';

const PAGE = 50;

/** People, how they come in, and where they are signed in. */
export class PeopleApi {
  constructor(private readonly http: Http) {}

  /** Whether nobody has a password so far. */
  async isSetupOpen(): Promise<boolean> {
    return (await bodyOf(this.http.GET('/api/setup'))).isOpen;
  }
  setUp(body: Body<'setUp'>): Promise<SessionWire> {
    return bodyOf(this.http.POST('/api/setup', { body }));
  }
  invited(token: string): Promise<InvitedWire> {
    return bodyOf(this.http.POST('/api/invitations/look-up', { body: { token } }));
  }
  accept(body: Body<'acceptInvitation'>): Promise<SessionWire> {
    return bodyOf(this.http.POST('/api/invitations/accept', { body }));
  }

  account(): Promise<AccountWire> {
    return bodyOf(this.http.GET('/api/account'));
  }
  async setPassword(body: Body<'setPassword'>): Promise<void> {
    await this.http.PUT('/api/account/password', { body });
  }

  users(after: string | null = null): Promise<Page<PersonWire>> {
    return bodyOf(this.http.GET('/api/users', { params: { query: paged(after) } }));
  }
  invite(body: Body<'inviteUser'>): Promise<InvitationWire> {
    return bodyOf(this.http.POST('/api/users', { body }));
  }
  makeLink(id: string): Promise<InvitationWire> {
    return bodyOf(this.http.POST('/api/users/{id}/link', { params: { path: { id } } }));
  }
  update(id: string, body: Body<'updateUser'>): Promise<PersonWire> {
    return bodyOf(this.http.PATCH('/api/users/{id}', { params: { path: { id } }, body }));
  }
  async remove(id: string): Promise<void> {
    await this.http.DELETE('/api/users/{id}', { params: { path: { id } } });
  }

  sessions(of: 'me' | 'everyone', after: string | null = null): Promise<Page<OpenSessionWire>> {
    return bodyOf(this.http.GET('/api/sessions', { params: { query: { of, ...paged(after) } } }));
  }
  async endSession(id: string): Promise<void> {
    await this.http.DELETE('/api/sessions/{id}', { params: { path: { id } } });
  }
  /** @returns how many there were */
  async endOtherSessions(): Promise<number> {
    return (await bodyOf(this.http.DELETE('/api/sessions'))).ended;
  }

  async tokens(): Promise<TokenWire[]> {
    return (await bodyOf(this.http.GET('/api/tokens', { params: { query: { kind: 'api' } } }))).items;
  }
  createToken(body: Body<'createToken'>): Promise<NewTokenWire> {
    return bodyOf(this.http.POST('/api/tokens', { body }));
  }
  async revokeToken(id: string): Promise<void> {
    await this.http.DELETE('/api/tokens/{id}', { params: { path: { id } } });
  }
}

/** Numbers travel as text. */
const paged = (after: string | null) => ({ limit: String(PAGE) as never, ...(after === null ? {} : { after }) });
