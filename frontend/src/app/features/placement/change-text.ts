import type { CapacityWire } from '../../api/models';
import type { Words } from './words';

type Step = NonNullable<CapacityWire['cheapest']>['steps'][number];
type Kind = Step['kind'];

export interface StepText {
  readonly title: string;
  readonly notes: readonly string[];
}

const LOSSY = ['motion-gate', 'lower-sampling', 'route-to-cloud', 'narrow-streams', 'drop-analyzer'] as const;
const FOUNDED = ['route-to-own-hosts', 'motion-gate', 'lower-sampling', 'add-hosts', 'route-to-cloud'] as const;
const isOneOf = <K extends Kind>(kinds: readonly K[], kind: Kind): kind is K => (kinds as readonly Kind[]).includes(kind);

/** A step with what it loses, what it costs and how sure that is. */
export function stepText(step: Step, titles: ReadonlyMap<string, string>, words: Words): StepText {
  const { t } = words;
  const { kind, gain } = step;
  const about = { ...namesOf(step, words), subject: titles.get(step.subject) ?? step.subject };
  const certainty = t(`change.${gain}`);
  return {
    title: t(`steps.title.${kind}`, about),
    notes: [
      isOneOf(LOSSY, kind) ? t(`steps.loses.${kind}`, about) : t('change.lossless'),
      priceText(step, words),
      isOneOf(FOUNDED, kind) && gain !== 'unknown' ? `${certainty}, ${t(`steps.basis.${kind}`)}` : certainty,
    ],
  };
}

function priceText({ kind, moneyPerDay }: Step, { t, as }: Words): string {
  if (moneyPerDay === null) return kind === 'add-hosts' ? t('steps.machinePrice') : t('change.unpriced');
  return moneyPerDay === 0 ? t('change.free') : t('change.price', { amount: as.money(moneyPerDay) });
}

/** Halved again and again it has two digits behind the comma at the most. */
const fractionDigits = (value: number): number => [0, 1].find((digits) => Number.isInteger(value * 10 ** digits)) ?? 2;

/** What a title names: figures as the viewer writes them. */
function namesOf({ kind, about }: Step, { t, as }: Words): Record<string, string> {
  const told = (value: unknown): string => {
    if (typeof value !== 'number') return value === 'keyframes' || value === 'all' ? t(`steps.frames.${value}`) : String(value);
    return kind === 'lower-sampling' ? t('steps.fps', { fps: as.number(value, fractionDigits(value)) }) : as.number(value);
  };
  return Object.fromEntries(Object.entries(about).map(([name, value]) => [name, told(value)]));
}
