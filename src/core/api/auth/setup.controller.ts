import { Body, Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { authError } from '../../errors/auth.errors.js';
import { AuditLog } from '../../persistence/access/audit-log.js';
import { PasswordStore } from '../../persistence/access/password-store.js';
import { setupBody, setupWire, type SetupBody, type SetupWire } from '../../wire/people.wire.js';
import { sessionWire, type SessionWire } from '../../wire/wire.js';
import { Operation } from '../openapi/operation.js';
import { Open } from './access.js';
import { Authenticator } from './authenticator.js';
import { PasswordGuard } from './password-guard.js';
import { requireStrong } from './password-strength.js';
import { actorFor } from './request-actor.js';
import { SessionCookies } from './session-cookie.js';

/** The first person: whoever brings the one-time token of the first start. */
@Controller('api/setup')
@Open()
export class SetupController {
  /** Once it is, it stays so for as long as this process lives: whoever asks again costs nothing. */
  private isDone = false;

  constructor(
    private readonly passwords: PasswordStore,
    private readonly authenticator: Authenticator,
    private readonly guard: PasswordGuard,
    private readonly cookies: SessionCookies,
    private readonly audit: AuditLog,
  ) {}

  @Get()
  @Operation({ id: 'getSetup', tag: 'session', summary: 'Whether the first person is still to come', response: setupWire })
  async state(): Promise<SetupWire> {
    this.isDone ||= await this.passwords.isAnySet();
    return { isOpen: !this.isDone };
  }

  @Post()
  @HttpCode(200)
  @Operation({
    id: 'setUp',
    tag: 'session',
    summary: 'Name the first person and set the password, by the one-time token; signs in',
    response: sessionWire,
    problems: { 401: 'The token opens nothing', 409: 'Somebody has a password already', 429: 'Too many failed attempts' },
  })
  async setUp(
    @Body({ schema: setupBody }) { token, name, password }: SetupBody,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SessionWire> {
    const address = request.ip ?? '';
    const sha256 = await this.authenticator.verifySignIn(request, token, address);
    requireStrong(password, name);
    const session = this.cookies.prepare(request);
    const owner = await this.passwords.setUp(sha256, { name, hash: await this.guard.hash(password, address) }, session.row);
    if (owner === null) throw authError('VD_AUTH_TOKEN_INVALID', 'It is no one-time token, or was used a moment ago.');
    await this.audit.record({ by: actorFor(owner, request), action: 'setup.finish', target: owner.userId });
    return this.cookies.give(request, response, session, owner);
  }
}
