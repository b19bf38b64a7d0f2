import { Body, Controller, Delete, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { authError } from '../../errors/auth.errors.js';
import { AuditLog } from '../../persistence/access/audit-log.js';
import { PasswordStore } from '../../persistence/access/password-store.js';
import { TokenStore, type TokenOwner } from '../../persistence/access/token-store.js';
import { Operation } from '../openapi/operation.js';
import { signInBody, type SignInBody } from '../../wire/people.wire.js';
import { currentSessionWire, sessionWire, type CurrentSessionWire, type SessionWire } from '../../wire/wire.js';
import { Open, RequireRole } from './access.js';
import { Authenticator } from './authenticator.js';
import { PasswordGuard } from './password-guard.js';
import { actorFor, actorOf } from './request-actor.js';
import { principalOf } from './principal.js';
import { type PreparedSession, SessionCookies, sessionOnWire } from './session-cookie.js';

@Controller('api/session')
export class SessionController {
  constructor(
    private readonly tokens: TokenStore,
    private readonly passwords: PasswordStore,
    private readonly authenticator: Authenticator,
    private readonly guard: PasswordGuard,
    private readonly cookies: SessionCookies,
    private readonly audit: AuditLog,
  ) {}

  @Post()
  @Open()
  @HttpCode(200)
  @Operation({
    id: 'signIn',
    tag: 'session',
    summary: 'Sign in with name and password, or with a one-time or API token; the session comes as an HttpOnly cookie',
    response: sessionWire,
    problems: { 401: 'The token opens nothing, or the password is wrong', 429: 'Too many failed attempts' },
  })
  async signIn(
    @Body({ schema: signInBody }) body: SignInBody,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SessionWire> {
    const session = this.cookies.prepare(request);
    const owner = 'token' in body ? await this.byToken(body.token, request, session) : await this.byPassword(body, request, session);
    await this.audit.record({
      by: actorFor(owner, request),
      action: 'session.open',
      target: owner.tokenId,
    });
    return this.cookies.give(request, response, session, owner);
  }

  private async byToken(token: string, request: Request, { row }: PreparedSession): Promise<TokenOwner> {
    const sha256 = await this.authenticator.verifySignIn(request, token, request.ip ?? '');
    const owner = await this.tokens.openSession(sha256, row);
    if (owner === null) throw authError('VD_AUTH_TOKEN_INVALID', 'The token was used or revoked a moment ago.');
    return owner;
  }

  private async byPassword(
    { name, password }: { readonly name: string; readonly password: string },
    request: Request,
    { row }: PreparedSession,
  ): Promise<TokenOwner> {
    const known = await this.guard.check(name, password, request.ip ?? '');
    const owner = await this.passwords.openSession(known, row);
    if (owner === null) throw authError('VD_AUTH_PASSWORD_WRONG', 'The password was changed a moment ago.');
    return owner;
  }

  /** Open, so that a page that nobody is signed in to can ask without being refused. */
  @Get()
  @Open()
  @Operation({
    id: 'getSession',
    tag: 'session',
    summary: 'Who is signed in; `user` is null for a request without session or token',
    response: currentSessionWire,
    problems: { 401: 'The session has ended, or the token opens nothing' },
  })
  async current(@Req() request: Request): Promise<CurrentSessionWire> {
    const owner = await this.authenticator.authenticate(request, request.ip ?? '');
    return owner === null ? { user: null, kind: null, expiresAt: null } : sessionOnWire(owner);
  }

  @Delete()
  @RequireRole('viewer')
  @HttpCode(204)
  @Operation({ id: 'signOut', tag: 'session', summary: 'End this session', status: 204 })
  async signOut(@Req() request: Request, @Res({ passthrough: true }) response: Response): Promise<void> {
    const principal = principalOf(request);
    if (principal.kind === 'session') {
      await this.tokens.revoke(principal.tokenId);
      this.authenticator.forget();
      await this.audit.record({ by: actorOf(request), action: 'session.close', target: principal.tokenId });
    }
    // Not "cookies": that would end those of other programs under the same domain as well.
    response.setHeader('Clear-Site-Data', '"cache", "storage"');
    this.cookies.take(request, response);
  }
}
