import { Controller, Delete, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { apiError } from '../../errors/api.errors.js';
import { StreamStore } from '../../persistence/streams/stream-store.js';
import { AuditLog } from '../../persistence/access/audit-log.js';
import { RequireRole } from '../auth/access.js';
import { actorOf } from '../auth/request-actor.js';
import { principalOf } from '../auth/principal.js';
import { Operation } from '../openapi/operation.js';
import { idParams, keyParams, type IdParams, type KeyParams } from '../../wire/inputs.js';
import { newStreamKeyWire, pageOf, streamKeyWire, type Page, type StreamKeyWire } from '../../wire/wire.js';
import { StreamAccess } from './stream-access.js';

@Controller('api/streams/:id/keys')
@RequireRole('admin')
export class StreamKeysController {
  constructor(
    private readonly store: StreamStore,
    private readonly access: StreamAccess,
    private readonly audit: AuditLog,
  ) {}

  @Get()
  @Operation({ id: 'listStreamKeys', tag: 'streams', summary: "A stream's keys, without the keys", response: pageOf(streamKeyWire) })
  async list(@Param({ schema: idParams }) params: IdParams, @Req() request: Request): Promise<Page<StreamKeyWire>> {
    await this.access.one(params.id, principalOf(request));
    const keys = await this.store.listKeys(params.id);
    return {
      items: keys.map((key) => ({
        id: key.keyId,
        hint: key.hint,
        createdAt: new Date(key.createdAtMs).toISOString(),
        revokedAt: isoOrNull(key.revokedAtMs),
        lastUsedAt: isoOrNull(key.lastUsedAtMs),
      })),
      next: null,
    };
  }

  @Post()
  @Operation({
    id: 'createStreamKey',
    tag: 'streams',
    summary: 'Make a key; it is shown this once',
    response: newStreamKeyWire,
    status: 201,
  })
  async create(@Param({ schema: idParams }) params: IdParams, @Req() request: Request) {
    const principal = principalOf(request);
    await this.access.one(params.id, principal);
    const key = await this.store.createKey(params.id);
    await this.audit.record({ by: actorOf(request), action: 'key.create', target: params.id, detail: { keyId: key.keyId } });
    return { id: key.keyId, hint: key.hint, key: key.key };
  }

  @Delete(':keyId')
  @HttpCode(204)
  @Operation({
    id: 'revokeStreamKey',
    tag: 'streams',
    summary: 'Revoke a key; who publishes with it is cut off',
    status: 204,
    problems: { 404: 'No such key' },
  })
  async revoke(@Param({ schema: keyParams }) params: KeyParams, @Req() request: Request): Promise<void> {
    const principal = principalOf(request);
    await this.access.one(params.id, principal);
    if (!(await this.store.revokeKey(params.id, params.keyId)))
      throw apiError('VD_API_NOT_FOUND', `Stream ${params.id} has no key ${params.keyId} in force.`);
    await this.audit.record({ by: actorOf(request), action: 'key.revoke', target: params.id, detail: { keyId: params.keyId } });
  }
}

const isoOrNull = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
