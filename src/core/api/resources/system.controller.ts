import { Body, Controller, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { systemCodes } from '../../health/system-codes.js';
import { RoleCrashes } from '../../persistence/role-crashes.js';
import { loadErrorTable } from '../../errors/error-table.js';
import { Open } from '../auth/access.js';
import { buildOpenApi } from '../openapi/build-openapi.js';
import { actorOf } from '../auth/request-actor.js';
import { principalOf } from '../auth/principal.js';
import { askedHostName } from '../http/asked-host-name.js';
import { Operation } from '../openapi/operation.js';
import {
  acknowledgeBody,
  errorSpecWire,
  healthWire,
  pageOf,
  statusWire,
  systemWire,
  type AcknowledgeBody,
  type ErrorSpecWire,
  type HealthWire,
  type Page,
  type StatusWire,
  type SystemWire,
} from '../../wire/wire.js';
import { API_CONTROLLERS } from './api-controllers.js';
import { InstallationStatus } from './installation-status.js';
import { SystemStatus, VERSION } from './system-status.js';

@Controller('api')
export class SystemController {
  private document: string | null = null;

  constructor(
    private readonly status: SystemStatus,
    private readonly installation: InstallationStatus,
    private readonly crashes: RoleCrashes,
    @Inject(VERSION) private readonly version: string,
    @Inject(API_CONTROLLERS) private readonly controllers: () => readonly (new (...args: never[]) => object)[],
  ) {}

  @Get('health')
  @Open()
  @Operation({
    id: 'getHealth',
    tag: 'system',
    summary: 'Whether media can be taken in, stored and analysed now and for a while; 503 and the reasons when not',
    response: healthWire,
  })
  async health(@Res() response: Response): Promise<void> {
    const reasons = await this.status.unavailability();
    const isHealthy = reasons.length === 0;
    const issues = reasons.map((code) => ({ code, reason: systemCodes[code].title, fix: systemCodes[code].fix }));
    response
      .status(isHealthy ? 200 : 503)
      .setHeader('Cache-Control', 'no-store')
      .json({ status: isHealthy ? 'ok' : 'unavailable', reasons, issues } satisfies HealthWire);
  }

  @Get('system')
  @Operation({ id: 'getSystem', tag: 'system', summary: 'Version, instances and problems', response: systemWire })
  system(@Req() request: Request): Promise<SystemWire> {
    return this.status.read(askedHostName(request), principalOf(request).role === 'admin');
  }

  @Get('status')
  @Operation({
    id: 'getStatus',
    tag: 'system',
    summary: 'How the installation is: one sentence, its causes and their fixes',
    response: statusWire,
  })
  async told(@Req() request: Request): Promise<StatusWire> {
    return (await this.installation.now())[principalOf(request).role];
  }

  @Post('system/crashes/acknowledge')
  @HttpCode(204)
  @Operation({
    id: 'acknowledgeCrashes',
    tag: 'system',
    summary: 'Somebody has seen which roles crashed: they are told no longer, and stay on record',
    status: 204,
  })
  acknowledge(@Body({ schema: acknowledgeBody }) { upTo }: AcknowledgeBody, @Req() request: Request): Promise<void> {
    return this.crashes.acknowledge(upTo, actorOf(request));
  }

  @Get('errors')
  @Operation({ id: 'listErrors', tag: 'system', summary: 'Every error code of core, with its fix', response: pageOf(errorSpecWire) })
  async errors(): Promise<Page<ErrorSpecWire>> {
    return { items: await loadErrorTable(), next: null };
  }

  @Get('openapi.json')
  @Operation({ id: 'getOpenApi', tag: 'system', summary: 'This document', produces: ['application/json'] })
  openApi(@Res() response: Response): void {
    this.document ??= JSON.stringify(buildOpenApi(this.controllers(), this.version));
    response.setHeader('Content-Type', 'application/json; charset=utf-8').setHeader('Cache-Control', 'no-cache').end(this.document);
  }
}
