import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { authError } from '../../errors/auth.errors.js';
import { AuditLog } from '../../persistence/access/audit-log.js';
import { type Invited, PasswordStore } from '../../persistence/access/password-store.js';
import { acceptBody, invitedWire, lookUpBody, type AcceptBody, type InvitedWire, type LookUpBody } from '../../wire/people.wire.js';
import { sessionWire, type SessionWire } from '../../wire/wire.js';
import { Operation } from '../openapi/operation.js';
import { Open } from './access.js';
import { Authenticator } from './authenticator.js';
import { hashToken } from './fresh-token.js';
import { PasswordGuard } from './password-guard.js';
import { requireStrong } from './password-strength.js';
import { actorFor } from './request-actor.js';
import { SessionCookies } from './session-cookie.js';

/** Links by which people set their password: the token of one is all that is asked for. */
@Controller('api/invitations')
@Open()
export class InvitationsController {
  constructor(
    private readonly passwords: PasswordStore,
    private readonly authenticator: Authenticator,
    private readonly guard: PasswordGuard,
    private readonly cookies: SessionCookies,
    private readonly audit: AuditLog,
  ) {}

  @Post('look-up')
  @HttpCode(200)
  @Operation({
    id: 'lookUpInvitation',
    tag: 'people',
    summary: 'Whom a link was made for',
    response: invitedWire,
    problems: { 401: 'The link opens nothing', 429: 'Too many failed attempts' },
  })
  async lookUp(@Body({ schema: lookUpBody }) { token }: LookUpBody, @Req() request: Request): Promise<InvitedWire> {
    const { expiresAt, ...invited } = await this.invited(request, hashToken(token));
    return { ...invited, expiresAt: expiresAt.toISOString() };
  }

  @Post('accept')
  @HttpCode(200)
  @Operation({
    id: 'acceptInvitation',
    tag: 'people',
    summary: 'Set the password of whom a link was made for; signs in, and ends the sessions there were',
    response: sessionWire,
    problems: { 401: 'The link opens nothing', 429: 'Too many failed attempts' },
  })
  async accept(
    @Body({ schema: acceptBody }) { token, password }: AcceptBody,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SessionWire> {
    const sha256 = hashToken(token);
    const { name, isReset } = await this.invited(request, sha256);
    requireStrong(password, name);
    const session = this.cookies.prepare(request);
    const owner = await this.passwords.accept(sha256, await this.guard.hash(password, request.ip ?? ''), session.row);
    if (owner === null) throw invalid();
    this.authenticator.forget();
    await this.audit.record({ by: actorFor(owner, request), action: 'user.join', target: owner.userId, detail: { isReset } });
    return this.cookies.give(request, response, session, owner);
  }

  private invited(request: Request, sha256: Buffer): Promise<Invited> {
    return this.authenticator.verifySecret(request, request.ip ?? '', () => this.passwords.invited(sha256), invalid);
  }
}

const invalid = (): Error => authError('VD_AUTH_INVITATION_INVALID', 'The link is unknown, used, replaced or expired.');
