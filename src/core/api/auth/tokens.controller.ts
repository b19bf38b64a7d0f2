import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import type { Request } from 'express';
import { DAY_MS } from '../../plugin-api/index.js';
import { apiError } from '../../errors/api.errors.js';
import { AuditLog } from '../../persistence/access/audit-log.js';
import { TokenStore, type TokenRecord } from '../../persistence/access/token-store.js';
import { Operation } from '../openapi/operation.js';
import { idParams, newTokenBody, tokenQuery, type IdParams, type NewTokenBody, type TokenQuery } from '../../wire/inputs.js';
import { newTokenWire, pageOf, tokenWire, type NewTokenWire, type Page, type TokenWire } from '../../wire/wire.js';
import { RequireRole } from './access.js';
import { Authenticator } from './authenticator.js';
import { actorOf } from './request-actor.js';
import { principalOf } from './principal.js';
import { freshToken } from './fresh-token.js';

@Controller('api/tokens')
@RequireRole('admin')
export class TokensController {
  constructor(
    private readonly tokens: TokenStore,
    private readonly authenticator: Authenticator,
    private readonly audit: AuditLog,
  ) {}

  @Get()
  @Operation({ id: 'listTokens', tag: 'session', summary: 'Sessions and API tokens that are good now', response: pageOf(tokenWire) })
  async list(@Query({ schema: tokenQuery }) { kind }: TokenQuery, @Req() request: Request): Promise<Page<TokenWire>> {
    const current = principalOf(request).tokenId;
    return { items: (await this.tokens.list(kind)).map((token) => toWire(token, current)), next: null };
  }

  @Post()
  @Operation({
    id: 'createToken',
    tag: 'session',
    summary: 'Make an API token; it is shown this once',
    response: newTokenWire,
    status: 201,
  })
  async create(@Body({ schema: newTokenBody }) body: NewTokenBody, @Req() request: Request): Promise<NewTokenWire> {
    const principal = principalOf(request);
    const { token, sha256 } = freshToken('api');
    const ttlMs = body.expiresInDays === undefined ? null : body.expiresInDays * DAY_MS;
    const made = await this.tokens.createApiToken({ sha256, name: body.name, role: body.role, ownerId: principal.userId, ttlMs });
    await this.audit.record({
      by: actorOf(request),
      action: 'token.create',
      target: made.id,
      detail: { name: body.name, role: body.role },
    });
    return { ...toWire(made, principal.tokenId), token };
  }

  @Delete(':id')
  @HttpCode(204)
  @Operation({ id: 'revokeToken', tag: 'session', summary: 'End a session or API token, and the sessions it opened', status: 204 })
  async revoke(@Param({ schema: idParams }) params: IdParams, @Req() request: Request): Promise<void> {
    if (!(await this.tokens.revoke(params.id))) throw apiError('VD_API_NOT_FOUND', `No token ${params.id} is in force.`);
    this.authenticator.forget();
    await this.audit.record({ by: actorOf(request), action: 'token.revoke', target: params.id });
  }
}

function toWire(token: TokenRecord, current: string): TokenWire {
  return {
    id: token.id,
    kind: token.kind,
    name: token.name,
    role: token.role,
    owner: token.owner,
    createdAt: token.createdAt.toISOString(),
    expiresAt: token.expiresAt?.toISOString() ?? null,
    lastUsedAt: token.lastUsedAt?.toISOString() ?? null,
    current: token.id === current,
  };
}
