import type { StreamRetentionWire } from '../../api/models';

export type OwnRetention = StreamRetentionWire['own'];
export const AGE_UNITS = ['minutes', 'hours', 'days'] as const;
export type AgeUnit = (typeof AGE_UNITS)[number];

const UNIT_MS: Readonly<Record<AgeUnit, number>> = { minutes: 60_000, hours: 3_600_000, days: 86_400_000 };
const GB = 1_000_000_000;

/** An age as it is chosen: as the config says, without end, or a number of units as it was typed. */
export interface AgeChoice {
  readonly kind: 'usual' | 'ever' | 'limit';
  readonly count: string;
  readonly unit: AgeUnit;
}
/** A size in GB, chosen in the same way; `ever` is no quota. */
export type SizeChoice = Omit<AgeChoice, 'unit'>;

export interface RetentionForm {
  readonly maxAge: AgeChoice;
  readonly maxSize: SizeChoice;
  readonly eventMaxAge: AgeChoice;
  readonly resultsMaxAge: AgeChoice;
  /** Around an event; empty: as the config says. */
  readonly eventMarginSeconds: string;
  /** Names of events that count, separated by commas; empty: as the config says. */
  readonly events: string;
}

export type FormFault = keyof RetentionForm;

/** What a stream has for itself, as fields. */
export function formOf(own: OwnRetention): RetentionForm {
  return {
    maxAge: ageChoice(own.maxAgeMs),
    maxSize:
      own.maxSizeBytes == null ? { kind: kindOf(own.maxSizeBytes), count: '' } : { kind: 'limit', count: plain(own.maxSizeBytes / GB) },
    eventMaxAge: ageChoice(own.eventMaxAgeMs),
    resultsMaxAge: ageChoice(own.resultsMaxAgeMs),
    eventMarginSeconds: own.eventMarginMs === undefined ? '' : plain(own.eventMarginMs / 1000),
    events: own.events?.join(', ') ?? '',
  };
}

/** The fields as the server takes them, or which of them are no number. */
export function retentionOf(form: RetentionForm): { readonly own: OwnRetention } | { readonly faults: readonly FormFault[] } {
  const faults: FormFault[] = [];
  const number = (field: FormFault, text: string, least: number): number => {
    const value = Number(text.trim().replace(',', '.'));
    if (text.trim() !== '' && Number.isFinite(value) && value >= least) return value;
    faults.push(field);
    return 0;
  };
  const own: { -readonly [K in keyof OwnRetention]: OwnRetention[K] } = {};
  for (const [field, name] of AGES) {
    const { kind, count, unit } = form[field];
    if (kind === 'ever') own[name] = null;
    else if (kind === 'limit') own[name] = Math.round(number(field, count, 1 / 1440) * UNIT_MS[unit]);
  }
  if (form.maxSize.kind === 'ever') own.maxSizeBytes = null;
  else if (form.maxSize.kind === 'limit') own.maxSizeBytes = Math.round(number('maxSize', form.maxSize.count, 0.001) * GB);
  if (form.eventMarginSeconds.trim() !== '')
    own.eventMarginMs = Math.round(number('eventMarginSeconds', form.eventMarginSeconds, 0) * 1000);
  const events = form.events.split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()]));
  if (events.length > 0) own.events = events;
  return faults.length > 0 ? { faults } : { own };
}

const AGES = [
  ['maxAge', 'maxAgeMs'],
  ['eventMaxAge', 'eventMaxAgeMs'],
  ['resultsMaxAge', 'resultsMaxAgeMs'],
] as const;

const kindOf = (value: number | null | undefined): 'usual' | 'ever' => (value === null ? 'ever' : 'usual');

/** In the largest unit that it is a whole number of. */
function ageChoice(ms: number | null | undefined): AgeChoice {
  if (ms == null) return { kind: kindOf(ms), count: '', unit: 'days' };
  const unit = AGE_UNITS.findLast((one) => ms % UNIT_MS[one] === 0) ?? 'minutes';
  return { kind: 'limit', count: plain(ms / UNIT_MS[unit]), unit };
}

/** Without zeros behind the point, and no more digits than a person types. */
const plain = (value: number): string => String(Math.round(value * 1000) / 1000);
