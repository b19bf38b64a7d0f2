import { computed, signal } from '@angular/core';
import type { ApiClient } from '../../api/api-client';
import type { NewStreamKeyWire, SourceAdapterWire, StreamWire } from '../../api/models';
import { Doing } from '../../core/doing';
import { nameFromTitle, STREAM_NAME } from '../../core/stream-name';
import type { StreamsState } from '../../core/streams-state';

/** Where the first stream comes from; `other` is any source that a plugin brings, by the form of its config. */
export const WAYS = ['encoder', 'camera', 'file', 'test', 'other'] as const;
export type Way = (typeof WAYS)[number];

/** Adapters of the built-in sources. */
const ADAPTER = { encoder: 'rtmp', camera: 'browser', file: 'file', test: 'webcam' } as const;
/** A picture that moves, with something for every built-in analyzer to see. */
const TEST_PICTURE = { format: 'lavfi', device: 'demo' };
const DEMO_STREAM = 'demo';

export interface FirstStream {
  readonly way: Way;
  readonly stream: StreamWire;
  /** Shown this once. */
  readonly key: NewStreamKeyWire | null;
  readonly file: File | null;
}

/** The first stream: by which way it comes, and what it is called. */
export class FirstStreamState {
  readonly way = signal<Way>('encoder');
  readonly title = signal('');
  readonly file = signal<File | null>(null);
  readonly sources = signal<readonly SourceAdapterWire[]>([]);
  private readonly doing = new Doing();
  readonly busy = this.doing.busy;
  readonly isIncomplete = signal(false);
  readonly problem = this.doing.problem;
  readonly made = signal<FirstStream | null>(null);
  /** Ways whose adapter is there; a plugin may have been left out. */
  readonly ways = computed(() => {
    const known = new Set(this.sources().map(({ id }) => id));
    return WAYS.filter((way) => way === 'other' || known.has(ADAPTER[way]));
  });
  /** A stream that waits for an encoder: the one that is made at the first start, most often. */
  readonly waiting = computed(
    () => this.streams.list().find(({ adapterId, enabled, state }) => adapterId === ADAPTER.encoder && enabled && state !== 'live') ?? null,
  );
  readonly demo = computed(() => this.streams.byName(DEMO_STREAM));
  /** Whether a title is asked for: not where a stream is there already. */
  readonly needsTitle = computed(() => {
    const way = this.way();
    return way === 'encoder' ? this.waiting() === null : way === 'test' ? this.demo() === null : way !== 'other';
  });

  constructor(
    private readonly api: ApiClient,
    private readonly streams: StreamsState,
  ) {}

  async load(): Promise<void> {
    await this.doing.attempt(async () => this.sources.set(await this.api.upkeep.sources()));
  }

  choose(way: Way): void {
    this.way.set(way);
    this.problem.set(null);
    this.isIncomplete.set(false);
  }

  pick(file: File | null): void {
    this.file.set(file);
    if (file !== null && this.title().trim() === '') this.title.set(file.name.replace(/\.[^.]+$/, ''));
  }

  /** Made elsewhere, by the form of its source. */
  take(stream: StreamWire): void {
    this.made.set({ way: 'other', stream, key: null, file: null });
  }

  /** @returns whether there is a stream now */
  async make(): Promise<boolean> {
    const way = this.way();
    const title = this.title().trim();
    const isNamed = !this.needsTitle() || STREAM_NAME.test(nameFromTitle(title));
    this.isIncomplete.set(!isNamed || (way === 'file' && this.file() === null));
    if (this.isIncomplete() || way === 'other') return false;
    return this.doing.attempt(async () => {
      const stream = (await this.present(way)) ?? (await this.create(way, title));
      const key = way === 'encoder' ? (keyOf(stream) ?? (await this.api.createKey(stream.id))) : null;
      this.streams.put(stream);
      this.made.set({ way, stream, key, file: way === 'file' ? this.file() : null });
    });
  }

  private async present(way: Way): Promise<StreamWire | null> {
    if (way === 'encoder') return this.waiting();
    const demo = way === 'test' ? this.demo() : null;
    return demo === null || demo.enabled ? demo : this.api.updateStream(demo.id, { enabled: true });
  }

  private create(way: keyof typeof ADAPTER, title: string): Promise<StreamWire> {
    const config = way === 'test' ? { sourceConfig: TEST_PICTURE } : {};
    return this.api.createStream({ name: nameFromTitle(title), title, adapterId: ADAPTER[way], ...config });
  }
}

/** Streams whose adapter takes a key come with their first one. */
const keyOf = (stream: StreamWire & { readonly key?: NewStreamKeyWire | null }): NewStreamKeyWire | null => stream.key ?? null;
