import { ChangeDetectionStrategy, Component, computed, inject, input, linkedSignal, output } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { StreamWire } from '../../api/models';
import { Dashboard } from '../../core/dashboard';
import { humanName, sentence } from '../../core/format';
import { ServerAddress } from '../../core/server-address';
import { SessionState } from '../../core/session-state';
import type { HealthTexts } from '../../i18n/health/en';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';
import { Icon } from '../../shared/ui/icon';
import type { WallTexts } from './i18n/en';
import { OnSight } from './on-sight';
import { subjectOf, tileState } from './tile-state';
import { WallPrefs } from './wall-prefs';
import { WallState } from './wall-state';

/** As wide as a tile is at most on a screen of two pixels each. */
const PICTURE_WIDTH_PX = 640;
/** A person notices. */
const BEHIND_MS = 30_000;

/** A stream on the wall: its picture, its state in a word, how it is, and what was seen last. */
@Component({
  selector: 'vd-wall-tile',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon, OnSight, RouterLink, ServerAddress],
  templateUrl: './wall-tile.html',
})
export class WallTile {
  readonly stream = input.required<StreamWire>();
  /** Whether it can be put elsewhere just now. */
  readonly arranging = input(false);
  /** Whether an encoder can be connected to it. */
  readonly takesPublishers = input(false);
  readonly keyWanted = output<void>();
  readonly settingsWanted = output<void>();
  readonly moved = output<-1 | 1>();

  protected readonly t = inject(Texts).of<WallTexts>('wall');
  protected readonly health = inject(Texts).of<HealthTexts>('health');
  protected readonly format = inject(LocaleFormat);
  protected readonly session = inject(SessionState);
  protected readonly prefs = inject(WallPrefs);
  protected readonly wall = inject(WallState);
  private readonly dashboard = inject(Dashboard);

  private readonly tile = computed(() => this.wall.tiles().get(this.stream().id) ?? null);
  protected readonly verdict = computed(() => this.dashboard.health.of(this.stream().id));
  protected readonly state = computed(() =>
    tileState(this.stream(), this.verdict(), this.tile()?.openEvents ?? [], this.dashboard.status.isCurrent()),
  );
  protected readonly picture = computed(() => {
    const shown = this.wall.pictureOf(this.stream().id);
    return shown === null ? null : { ...shown, url: `${shown.url}&widthPx=${PICTURE_WIDTH_PX}` };
  });
  /** Of this picture: the next one may be there. */
  protected readonly failed = linkedSignal({ source: () => this.picture()?.url, computation: () => false });
  protected readonly issue = computed(() => {
    const { issue } = this.state();
    const lagMs = this.tile()?.analysisLagMs ?? null;
    return issue === null
      ? null
      : {
          text: sentence(issue.code === 'analysis-lag' && lagMs !== null ? this.behind(lagMs) : this.health(`issues.${issue.code}`)),
          detail: `${issue.reason}: ${issue.fix}`,
          severity: issue.severity,
        };
  });
  /** How far the analysis is; nothing of a stream that has not begun. */
  protected readonly analysis = computed(() => {
    const tile = this.tile();
    const { word, issue } = this.state();
    if (word !== 'live' || tile === null || issue?.code === 'analysis-lag') return null;
    if (tile.analysisLagMs === null) return { isLate: false, text: this.t('tile.notAnalysed') };
    if (tile.analysisLagMs > BEHIND_MS) return { isLate: true, text: this.behind(tile.analysisLagMs) };
    if (tile.analysedUpTo === null) return null;
    return { isLate: false, text: this.t('tile.analysed', { ago: this.ago(Date.parse(tile.analysedUpTo)) }) };
  });
  protected readonly event = computed(() => {
    const event = this.tile()?.event ?? null;
    if (event === null) return null;
    return {
      what: subjectOf(event) ?? humanName(event.name),
      kind: humanName(event.name),
      ago: event.state === 'open' ? this.t('tile.goesOn') : this.ago(Date.parse(event.endAt ?? event.startAt)),
      at: event.startAt,
      thumb: event.evidence?.url ?? null,
    };
  });

  private behind(lagMs: number): string {
    return this.t('tile.behind', { lag: this.format.duration(lagMs) });
  }

  protected ago(atMs: number): string {
    return this.format.ago(Math.min(atMs, this.dashboard.nowMs()), this.dashboard.nowMs());
  }

  protected assign(event: Event): void {
    this.prefs.assign(this.stream().name, (event.target as HTMLInputElement).value);
  }
}
