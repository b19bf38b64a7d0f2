import { Controller, Get, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { principalOf } from '../auth/principal.js';
import { Operation } from '../openapi/operation.js';
import { PrometheusMetrics } from './prometheus-metrics.js';

const TEXT_FORMAT = 'text/plain; version=0.0.4; charset=utf-8';

@Controller('api/metrics')
export class MetricsController {
  constructor(private readonly metrics: PrometheusMetrics) {}

  @Get()
  @Operation({
    id: 'getMetrics',
    tag: 'system',
    summary: 'Health of the installation and of each stream, for Prometheus; with an API token as bearer',
    produces: ['text/plain'],
  })
  async read(@Req() request: Request, @Res() response: Response): Promise<void> {
    const text = await this.metrics.read(principalOf(request));
    response.setHeader('Content-Type', TEXT_FORMAT).setHeader('Cache-Control', 'no-store').end(text);
  }
}
