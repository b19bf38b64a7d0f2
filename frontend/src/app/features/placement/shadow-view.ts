import type { ShadowWire } from '../../api/models';
import { briefDuration, counted, money, percent } from '../../core/format';
import type { Tone } from './tone';

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

const took = (ms: number | null): string => (ms === null ? 'not measured' : briefDuration(ms));

export function shadowView(shadow: ShadowWire, titles: ReadonlyMap<string, string>): ShadowView {
  const { analyzerId, strategy, shadowStrategy, agreement, compared, skipped, failed, matched, onlyMain, onlyShadow } = shadow;
  const lacking = [...(skipped > 0 ? [`${skipped} left out`] : []), ...(failed > 0 ? [`${failed} failed`] : [])];
  return {
    key: `${analyzerId} ${strategy} ${shadowStrategy}`,
    title: titles.get(analyzerId) ?? analyzerId,
    agreement,
    agreementText:
      agreement === null
        ? compared === 0
          ? 'nothing compared yet'
          : 'neither found anything yet'
        : `${percent(agreement)} agreement, ${matched} found by both`,
    tone: failed > compared ? 'bad' : failed > 0 ? 'warn' : compared === 0 ? 'unknown' : 'good',
    compared: [counted(compared, 'segment') + ' compared', ...lacking].join(', '),
    sides: [
      {
        strategy,
        role: 'counts',
        typical: took(shadow.mainWallMsP50),
        slow: took(shadow.mainWallMsP95),
        cost: money(shadow.mainCostPerRun),
        alone: `${onlyMain}`,
      },
      {
        strategy: shadowStrategy,
        role: 'in the shadow',
        typical: took(shadow.shadowWallMsP50),
        slow: took(shadow.shadowWallMsP95),
        cost: money(shadow.shadowCostPerRun),
        alone: `${onlyShadow}`,
      },
    ],
    trouble: shadow.lastTrouble,
  };
}
