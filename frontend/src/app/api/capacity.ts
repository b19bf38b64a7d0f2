/**
 * What `GET /api/capacity` answers, as far as the page reads it: by hand until the route is in the API's own document; then this file goes
 * and `models.ts` names the generated type.
 */
export interface Capacity {
  readonly at: string;
  readonly question: { readonly windowMs: number };
  readonly verdict: 'fits' | 'tight' | 'does-not-fit' | 'unknown';
  readonly reasons: { readonly code: string; readonly text: string }[];
  readonly evidenceAgrees: boolean | null;
  readonly liveStreams: number;
  readonly countedStreams: number;
  readonly utilisation: number | null;
  readonly gatesOpenUtilisation: number | null;
  readonly demandCores: number;
  readonly supplyCores: number;
  readonly usedCores: number;
  readonly spareStreams: number | null;
  readonly queues: {
    readonly queue: string;
    readonly demandCores: number;
    readonly supplyCores: number;
    readonly hosts: number;
    readonly utilisation: number | null;
    readonly gatesOpenUtilisation: number | null;
    readonly expectedLagMs: number | null;
    readonly observed: { readonly p95LagMs: number | null; readonly overloadSkips: number; readonly failedRuns: number };
  }[];
  readonly analyzers: {
    readonly analyzerId: string;
    readonly streams: number;
    readonly cpuSecondsPerStreamMinute: number | null;
    readonly share: number | null;
    readonly moneyPerDay: number | null;
  }[];
  readonly cheapest: {
    readonly steps: {
      readonly title: string;
      readonly loses: string | null;
      readonly moneyPerDay: number | null;
      readonly priceNote: string | null;
      readonly gain: 'measured' | 'estimated' | 'unknown';
      readonly gainNote: string | null;
    }[];
    readonly config: string[];
    readonly utilisationAfter: number | null;
    readonly fits: boolean;
  } | null;
}
