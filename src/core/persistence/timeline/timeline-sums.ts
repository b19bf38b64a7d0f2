import { Injectable } from '@nestjs/common';
import { Database, type Query } from '../database.js';
import { addDirectly } from './direct-sums.js';
import { addOpenEvents } from './event-sums.js';
import { addPackedHour, HOUR_US, type Resolution, resolutionFor } from './hour-sums.js';
import { keptHours, staleHours } from './stale-hours.js';
import { type Stretch, SumTable, type TimelinePart } from './sum-table.js';

export interface SumsAsked extends Stretch {
  readonly streamId: string;
  /** `fromUs` and `toUs` are whole multiples of it. */
  readonly bucketUs: number;
  readonly parts: ReadonlySet<TimelinePart>;
}

export interface TimelineAnswer {
  readonly sums: SumTable;
  /** Hours (µs since 1970) that are to be added up anew and were too many to look into: they are told as they were last added up. */
  readonly pendingHours: readonly number[];
}

/** So many hours that are not added up yet are looked into for one question, the latest ones. A stream that runs has one or two. */
const HOURS_LOOKED_INTO = 12;

/** What a stretch of a stream adds up to, by bucket: from the hours that are kept, and directly where they do not say it. */
@Injectable()
export class TimelineSums {
  constructor(private readonly database: Database) {}

  /** @throws VD_API_QUERY_TIMEOUT */
  read(asked: SumsAsked): Promise<TimelineAnswer> {
    return this.database.snapshot(async (query) => {
      const sums = new SumTable(asked.bucketUs);
      const resolution = resolutionFor(asked.bucketUs);
      const pendingHours = resolution === undefined ? [] : await addHours(query, asked, resolution, sums);
      if (resolution === undefined) await addDirectly(query, asked.streamId, asked, asked.parts, sums);
      if (asked.parts.has('events')) await addOpenEvents(query, asked.streamId, asked, sums);
      return { sums, pendingHours };
    });
  }
}

/** @returns hours that would have had to be looked into and were not */
async function addHours(query: Query, asked: SumsAsked, resolution: Resolution, sums: SumTable): Promise<number[]> {
  const { streamId, parts } = asked;
  const kept = await keptHours(query, streamId, asked, resolution);
  const unkept = kept.flatMap(({ at_us, data }) => (data === null ? [at_us] : []));
  const toLookInto = [...new Set([...(await staleHours(query, streamId, asked)), ...unkept])].sort((a, b) => a - b);
  const looked = toLookInto.slice(-HOURS_LOOKED_INTO);
  const isLooked = new Set(looked);
  for (const { at_us, data } of kept) if (data !== null && !isLooked.has(at_us)) addPackedHour(data, resolution, asked, parts, sums);
  for (const stretch of stretchesOf(looked, asked)) await addDirectly(query, streamId, stretch, parts, sums);
  return toLookInto.slice(0, -HOURS_LOOKED_INTO);
}

/** Hours that follow each other are one stretch. */
function stretchesOf(hours: readonly number[], { fromUs, toUs }: Stretch): Stretch[] {
  const stretches: Stretch[] = [];
  for (const atUs of hours) {
    const last = stretches.at(-1);
    if (last?.toUs === atUs) stretches[stretches.length - 1] = { fromUs: last.fromUs, toUs: atUs + HOUR_US };
    else stretches.push({ fromUs: atUs, toUs: atUs + HOUR_US });
  }
  return stretches.map((stretch) => ({ fromUs: Math.max(fromUs, stretch.fromUs), toUs: Math.min(toUs, stretch.toUs) }));
}
