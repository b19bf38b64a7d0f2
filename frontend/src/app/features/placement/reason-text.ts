import type { CapacityWire } from '../../api/models';
import type { Words } from './words';

type Reason = CapacityWire['reasons'][number];

/** Why the work fits or does not, in a sentence. */
export function reasonText({ code, about }: Reason, { t, as }: Words): string {
  const { names, more, share, load, oldestMs, count, ...words } = about;
  const number = (value: unknown): number => (typeof value === 'number' ? value : 0);
  const named = Array.isArray(names) ? names.join(', ') : '';
  return t(`reasons.${code}`, {
    ...(words as Record<string, string | number>),
    names: number(more) === 0 ? named : t.count('namesMore', number(more), { names: named }),
    share: typeof share === 'number' ? as.share(share) : t('endless'),
    load: as.number(number(load), 2),
    time: as.duration(number(oldestMs)),
    count: as.number(number(count)),
  });
}
