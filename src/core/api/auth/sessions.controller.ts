import { Controller, Delete, Get, HttpCode, Param, Query, Req } from '@nestjs/common';
import type { Request } from 'express';
import { apiError } from '../../errors/api.errors.js';
import { authError } from '../../errors/auth.errors.js';
import { SessionStore } from '../../persistence/access/session-store.js';
import { idParams, type IdParams } from '../../wire/inputs.js';
import {
  endedSessionsWire,
  openSessionWire,
  sessionsQuery,
  type EndedSessionsWire,
  type OpenSessionWire,
  type SessionsQuery,
} from '../../wire/people.wire.js';
import { pageOf, type Page } from '../../wire/wire.js';
import { Operation } from '../openapi/operation.js';
import { RequireRole } from './access.js';
import { Authenticator } from './authenticator.js';
import { principalOf } from './principal.js';
import { actorOf } from './request-actor.js';

/** Where people are signed in: everyone sees and ends their own, admins everybody's. */
@Controller('api/sessions')
@RequireRole('viewer')
export class SessionsController {
  constructor(
    private readonly sessions: SessionStore,
    private readonly authenticator: Authenticator,
  ) {}

  @Get()
  @Operation({ id: 'listSessions', tag: 'session', summary: 'Sessions that are open, the newest first', response: pageOf(openSessionWire) })
  list(@Query({ schema: sessionsQuery }) { of = 'me', ...page }: SessionsQuery, @Req() request: Request): Promise<Page<OpenSessionWire>> {
    const principal = principalOf(request);
    const { userName, role, tokenId } = principal;
    if (of === 'everyone' && role !== 'admin')
      throw authError('VD_AUTH_FORBIDDEN', `The sessions of others are for admins; ${userName} is a ${role}.`);
    return this.sessions.list(of === 'me' ? principal : null, page, tokenId);
  }

  @Delete()
  @Operation({
    id: 'endOtherSessions',
    tag: 'session',
    summary: 'End all sessions of whoever is signed in, but this one',
    response: endedSessionsWire,
  })
  async endOthers(@Req() request: Request): Promise<EndedSessionsWire> {
    const ended = await this.sessions.endOthers(principalOf(request), actorOf(request));
    this.authenticator.forget();
    return { ended };
  }

  @Delete(':id')
  @HttpCode(204)
  @Operation({ id: 'endSession', tag: 'session', summary: 'End a session', status: 204, problems: { 404: 'No such session is open' } })
  async end(@Param({ schema: idParams }) { id }: IdParams, @Req() request: Request): Promise<void> {
    const principal = principalOf(request);
    if (!(await this.sessions.end(id, principal.role === 'admin' ? null : principal, actorOf(request))))
      throw apiError('VD_API_NOT_FOUND', `No session ${id} is open.`);
    this.authenticator.forget();
  }
}
