import { Body, Controller, Delete, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { apiError } from '../../errors/api.errors.js';
import { type StreamKeyRecord, StreamStore } from '../../persistence/streams/stream-store.js';
import { AuditLog } from '../../persistence/access/audit-log.js';
import { RequireRole } from '../auth/access.js';
import { actorOf } from '../auth/request-actor.js';
import { principalOf } from '../auth/principal.js';
import { Operation } from '../openapi/operation.js';
import { idParams, keyParams, type IdParams, type KeyParams } from '../../wire/inputs.js';
import {
  newStreamKeyWire,
  pageOf,
  rotatedKeyWire,
  rotateKeyBody,
  streamKeyWire,
  type Page,
  type RotatedKeyWire,
  type RotateKeyBody,
  type StreamKeyWire,
} from '../../wire/wire.js';
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
      items: keys.map(keyOnWire),
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

  @Post(':keyId/rotate')
  @Operation({
    id: 'rotateStreamKey',
    tag: 'streams',
    summary: 'Make a key in the place of another, which stays valid for a time of grace; the new one is shown this once',
    response: rotatedKeyWire,
    status: 201,
    problems: { 404: 'No such key' },
  })
  async rotate(
    @Param({ schema: keyParams }) { id, keyId }: KeyParams,
    @Body({ schema: rotateKeyBody }) { graceSeconds }: RotateKeyBody,
    @Req() request: Request,
  ): Promise<RotatedKeyWire> {
    await this.access.one(id, principalOf(request));
    const key = await this.store.rotateKey(id, keyId, graceSeconds * 1000);
    const replaced = (await this.store.listKeys(id)).find((old) => old.keyId === keyId);
    if (key === null || replaced === undefined) throw noSuchKey(id, keyId);
    const detail = { keyId: key.keyId, replaced: keyId, graceSeconds };
    await this.audit.record({ by: actorOf(request), action: 'key.rotate', target: id, detail });
    return { id: key.keyId, hint: key.hint, key: key.key, replaced: keyOnWire(replaced) };
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
    if (!(await this.store.revokeKey(params.id, params.keyId))) throw noSuchKey(params.id, params.keyId);
    await this.audit.record({ by: actorOf(request), action: 'key.revoke', target: params.id, detail: { keyId: params.keyId } });
  }
}

const noSuchKey = (streamId: string, keyId: string): Error =>
  apiError('VD_API_NOT_FOUND', `Stream ${streamId} has no key ${keyId} in force.`);

function keyOnWire(key: StreamKeyRecord): StreamKeyWire {
  return {
    id: key.keyId,
    hint: key.hint,
    createdAt: new Date(key.createdAtMs).toISOString(),
    revokedAt: isoOrNull(key.revokedAtMs),
    expiresAt: isoOrNull(key.expiresAtMs),
    lastUsedAt: isoOrNull(key.lastUsedAtMs),
    lastAddress: key.lastAddress,
  };
}

const isoOrNull = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
