import { ChangeDetectionStrategy, Component, computed, inject, input, output, signal, type OnDestroy, type OnInit } from '@angular/core';
import { ApiClient } from '../../api/api-client';
import { Dashboard } from '../../core/dashboard';
import { LiveFeed } from '../../core/live-feed';
import { PAGE_CLOCK } from '../../core/page-clock';
import { SERVER_URL } from '../../core/server-address';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';
import { CopyField } from '../../shared/ui/copy-field';
import { Meter } from '../../shared/ui/meter';
import { ProblemText } from '../../shared/ui/problem-text';
import { CameraCard } from './camera-card';
import { ConnectState } from './connect-state';
import { FileUpload } from './file-upload';
import type { FirstStream } from './first-stream-state';
import type { SetupTexts } from './i18n/en';

const PICTURE_EVERY_MS = 3_000;
const REFUSALS = 20;
/** What a wrong key is refused by: said in the viewer's language. */
const WRONG_KEY = new Set(['VD_INGEST_KEY_UNKNOWN', 'VD_INGEST_KEY_REVOKED', 'VD_INGEST_KEY_EXPIRED']);

/** A stream that is to come in: what to do for it, who was refused, and its first picture with what is seen in it. */
@Component({
  selector: 'vd-connect-card',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [CameraCard, CopyField, Meter, ProblemText],
  templateUrl: './connect-card.html',
})
export class ConnectCard implements OnInit, OnDestroy {
  readonly first = input.required<FirstStream>();
  readonly mimeTypes = input<readonly string[]>([]);
  readonly done = output<void>();
  readonly back = output<void>();

  protected readonly t = inject(Texts).of<SetupTexts>('setup');
  protected readonly fmt = inject(LocaleFormat);
  protected readonly dashboard = inject(Dashboard);
  protected readonly state = new ConnectState(
    () => this.stream(),
    () => this.dashboard.nowMs(),
  );
  protected readonly server = computed(() => this.dashboard.work.system()?.rtmpUrl ?? null);
  protected readonly upload = new FileUpload(inject(ApiClient).upkeep);
  /** Asked for anew each time: the newest picture. */
  protected readonly pictureUrl = signal<string | null>(null);
  protected readonly told = computed(() => {
    const refusal = this.state.refusal();
    if (refusal === null) return null;
    const ago = this.fmt.ago(Date.parse(refusal.lastAt), this.dashboard.nowMs());
    const address = refusal.address ?? this.t('connect.severalAddresses');
    return WRONG_KEY.has(refusal.code)
      ? this.t('connect.wrongKey', { address, ago })
      : this.t('connect.refused', { address, ago, reason: refusal.reason });
  });
  private readonly api = inject(ApiClient);
  private readonly serverUrl = inject(SERVER_URL);
  private readonly stops: (() => void)[] = [];

  constructor() {
    const feed = inject(LiveFeed);
    const clock = inject(PAGE_CLOCK);
    this.stops.push(
      feed.listen((message) => this.state.hear(message)),
      this.dashboard.follow('refusals'),
      clock.every(PICTURE_EVERY_MS, () => this.look()),
    );
  }

  ngOnInit(): void {
    void this.api.upkeep.refusals(REFUSALS).then(
      (refusals) => this.state.learn(refusals),
      () => undefined, // The feed tells of those to come.
    );
    const { file, stream } = this.first();
    if (file !== null) void this.upload.send(stream.id, file);
    this.look();
  }

  ngOnDestroy(): void {
    for (const stop of this.stops) stop();
  }

  private stream() {
    const made = this.first().stream;
    return this.dashboard.streams.get(made.id) ?? made;
  }

  private look(): void {
    if (this.state.stage() !== 'connected' && this.state.stage() !== 'picture') return;
    const at = encodeURIComponent(new Date(this.dashboard.serverNow()).toISOString());
    this.pictureUrl.set(`${this.serverUrl}/api/streams/${this.first().stream.id}/snapshot?at=${at}&boxes=1`);
  }
}
