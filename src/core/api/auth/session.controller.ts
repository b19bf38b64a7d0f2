import { Body, Controller, Delete, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { CookieOptions, Request, Response } from 'express';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import { authError } from '../../errors/auth.errors.js';
import { AuditLog } from '../../persistence/access/audit-log.js';
import { TokenStore, type NewSession, type TokenOwner } from '../../persistence/access/token-store.js';
import { Operation } from '../openapi/operation.js';
import { signInBody, type SignInBody } from '../../wire/inputs.js';
import { currentSessionWire, sessionWire, type CurrentSessionWire, type SessionWire } from '../../wire/wire.js';
import { Open, RequireRole } from './access.js';
import { Authenticator } from './authenticator.js';
import { sessionCookie } from './credentials.js';
import { actorFor, actorOf } from './request-actor.js';
import { principalOf } from './principal.js';
import { freshToken } from './fresh-token.js';

@Controller('api/session')
export class SessionController {
  constructor(
    private readonly tokens: TokenStore,
    private readonly authenticator: Authenticator,
    private readonly audit: AuditLog,
    @Inject(VEDETTE_CONFIG) private readonly config: VedetteConfig,
  ) {}

  private limits(): Omit<NewSession, 'sha256'> {
    const { sessionTtl, sessionIdle, maxSessions } = this.config.api;
    return { ttlMs: sessionTtl, idleMs: sessionIdle, atMost: maxSessions };
  }

  @Post()
  @Open()
  @HttpCode(200)
  @Operation({
    id: 'signIn',
    tag: 'session',
    summary: 'Sign in with a one-time or API token; the session comes as an HttpOnly cookie',
    response: sessionWire,
    problems: { 401: 'The token opens nothing', 429: 'Too many failed attempts' },
  })
  async signIn(
    @Body({ schema: signInBody }) body: SignInBody,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SessionWire> {
    const address = request.ip ?? '';
    const sha256 = await this.authenticator.verifySignIn(request, body.token, address);
    const session = freshToken('session');
    const owner = await this.tokens.openSession(sha256, { sha256: session.sha256, ...this.limits() });
    if (owner === null) throw authError('VD_AUTH_TOKEN_INVALID', 'The token was used or revoked a moment ago.');
    await this.audit.record({
      by: actorFor(owner, request),
      action: 'session.open',
      target: owner.tokenId,
    });
    response.cookie(sessionCookie(request.secure), session.token, {
      ...cookieOptions(request),
      ...(owner.expiresAt === null ? {} : { expires: owner.expiresAt }),
    });
    return toWire(owner);
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
    return owner === null ? { user: null, kind: null, expiresAt: null } : toWire(owner);
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
    response.clearCookie(sessionCookie(request.secure), cookieOptions(request));
  }
}

const cookieOptions = (request: Request): CookieOptions => ({ httpOnly: true, sameSite: 'strict', secure: request.secure, path: '/' });

function toWire(owner: TokenOwner): SessionWire {
  return {
    user: { id: owner.userId, name: owner.userName, role: owner.role },
    kind: owner.kind,
    expiresAt: owner.expiresAt?.toISOString() ?? null,
  };
}
