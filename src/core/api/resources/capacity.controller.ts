import { Controller, Get, Query, Req } from '@nestjs/common';
import type { Request } from 'express';
import { Capacity, DEFAULT_WINDOW_MS, type CapacityAnswer } from './capacity-questions.js';
import { HIDDEN } from '../../capacity/change.js';
import { apiError } from '../../errors/api.errors.js';
import { principalOf } from '../auth/principal.js';
import { askerOf } from '../http/asker.js';
import { FairSlots } from '../http/fair-slots.js';
import { Operation } from '../openapi/operation.js';
import { capacityQuery, capacityWire, type CapacityQuery, type CapacityWire } from '../../wire/capacity.wire.js';

/** Each reads the runs of hours; more at once would be load themselves. */
const SLOTS = { atOnce: 2, perToken: 1, waitingPerToken: 1 };

@Controller('api/capacity')
export class CapacityController {
  private readonly slots = new FairSlots(SLOTS, (detail) => apiError('VD_API_BUSY', `Reports of capacity: ${detail}`));

  constructor(private readonly capacity: Capacity) {}

  @Get()
  @Operation({
    id: 'getCapacity',
    tag: 'system',
    summary: 'Does the work fit, and what is the cheapest change if not',
    response: capacityWire,
    problems: { 503: 'Too many such questions at once' },
  })
  async read(@Query({ schema: capacityQuery }) query: CapacityQuery, @Req() request: Request): Promise<CapacityWire> {
    const question = {
      windowMs: query.window ?? DEFAULT_WINDOW_MS,
      moreStreams: query.streams ?? 0,
      moreHosts: query.hosts ?? 0,
      analyzerId: query.analyzer ?? null,
      allStreams: query.all === 'true',
      seesPrivate: principalOf(request).role === 'admin',
    };
    return this.slots.run(askerOf(request), async () => capacityAnswerWire(await this.capacity.answer(question)));
  }
}

/** As REST and `--json` tell it. */
export function capacityAnswerWire({ at, question, report, storage }: CapacityAnswer): CapacityWire {
  const shown = <T extends { streamId: string; streamName: string }>(item: T): Omit<T, 'streamId'> & { streamId: string | null } => ({
    ...item,
    streamId: item.streamName === HIDDEN || item.streamId === 'average' ? null : item.streamId,
  });
  return {
    at,
    question,
    ...report,
    reasons: [...report.reasons],
    lanes: report.lanes.map(shown),
    demands: report.demands.map(shown),
    storage: [...storage],
    changes: report.changes.map((change) => ({ ...change, config: [...change.config] })),
  };
}
