import type { ShadowWire } from '../../api/models';
import type { Tone } from './tone';
import type { Words } from './words';

export interface Figures {
  readonly strategy: string;
  readonly role: string;
  readonly typical: string;
  readonly slow: string;
  readonly cost: string;
  readonly alone: string;
}

/** A strategy that is tried out beside the one that counts. */
export interface ShadowView {
  readonly key: string;
  readonly title: string;
  readonly agreement: number | null;
  readonly agreementText: string;
  readonly tone: Tone;
  readonly compared: string;
  readonly sides: readonly [Figures, Figures];
  readonly trouble: string | null;
}

export function shadowView(shadow: ShadowWire, titles: ReadonlyMap<string, string>, { t, as }: Words): ShadowView {
  const { analyzerId, strategy, shadowStrategy, agreement, compared, skipped, failed, matched, onlyMain, onlyShadow } = shadow;
  const lacking = [
    ...(skipped > 0 ? [t('shadow.skipped', { count: skipped })] : []),
    ...(failed > 0 ? [t('shadow.failed', { count: failed })] : []),
  ];
  const took = (ms: number | null): string => (ms === null ? t('shadow.unmeasured') : as.duration(ms));
  return {
    key: `${analyzerId} ${strategy} ${shadowStrategy}`,
    title: titles.get(analyzerId) ?? analyzerId,
    agreement,
    agreementText:
      agreement === null
        ? compared === 0
          ? t('shadow.noneCompared')
          : t('shadow.noneFound')
        : t('shadow.agreement', { share: as.share(agreement), count: as.number(matched) }),
    tone: failed > compared ? 'bad' : failed > 0 ? 'warn' : compared === 0 ? 'unknown' : 'good',
    compared: [t.count('shadow.compared', compared), ...lacking].join(', '),
    sides: [
      {
        strategy,
        role: t('shadow.main'),
        typical: took(shadow.mainWallMsP50),
        slow: took(shadow.mainWallMsP95),
        cost: as.money(shadow.mainCostPerRun),
        alone: as.number(onlyMain),
      },
      {
        strategy: shadowStrategy,
        role: t('shadow.trial'),
        typical: took(shadow.shadowWallMsP50),
        slow: took(shadow.shadowWallMsP95),
        cost: as.money(shadow.shadowCostPerRun),
        alone: as.number(onlyShadow),
      },
    ],
    trouble: shadow.lastTrouble,
  };
}
