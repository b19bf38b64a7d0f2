/** A machine of the LAN as the strategy's report tells of it. */
export interface MockHost {
  readonly url: string;
  readonly name: string;
  readonly state: 'up' | 'resting' | 'out';
  readonly reason: string | null;
  readonly announced: boolean;
  readonly version: string;
  readonly platform: string;
  readonly analyzers: readonly string[];
  readonly capacity: number;
  readonly running: number;
  readonly waiting: number;
  readonly own: number;
  readonly rssBytes: number;
  readonly loadAverage: readonly number[];
  readonly msPerJob: Readonly<Record<string, number>>;
}

const GB = 1e9;

const host = (name: string, over: Partial<MockHost>): MockHost => ({
  url: `https://${name}.lan:8787`,
  name,
  state: 'up',
  reason: null,
  announced: true,
  version: '0.1.0',
  platform: 'linux x64',
  analyzers: ['object-detection 1.0.0', 'visual-analysis 1.0.0'],
  capacity: 8,
  running: 3,
  waiting: 0,
  own: 2,
  rssBytes: 2.1 * GB,
  loadAverage: [3.4, 3.1, 2.8],
  msPerJob: {},
  ...over,
});

/** One that is full, one with room, one that is gone. */
export const HOSTS: readonly [MockHost, MockHost, MockHost] = [
  host('attic', { running: 8, waiting: 5, loadAverage: [8.6, 8.1, 7.2] }),
  host('cellar', { capacity: 4, running: 1, rssBytes: 0.9 * GB }),
  host('garage', { state: 'out', reason: 'connect ECONNREFUSED 192.168.1.44:8787; tried again in 22 s', running: 0, analyzers: [] }),
];
