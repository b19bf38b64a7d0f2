import type { Watched } from '../visual/watch-film.js';
import type { Stretch } from './background.js';

/** A second is one of speech where at least this share of it is. */
const SPOKEN_SHARE = 0.5;

/** How far what was heard agrees with who spoke when. */
export interface SpeechAgreement {
  /** By second of media: the share that is speech, said and true. */
  readonly shares: readonly { readonly said: number; readonly true: number }[];
  /** Clauses that no event touches. */
  readonly missed: number;
  /** Events while nobody speaks. */
  readonly falseEvents: number;
  /** Events more than one to a clause: pauses heard where there is none. */
  readonly split: number;
  /** Clauses that one event has with the clause before: pauses not heard. */
  readonly joined: number;
  /** Signed, positive is too late; of edges that have a pause beside them in both. */
  readonly onsetErrorsS: readonly number[];
  readonly offsetErrorsS: readonly number[];
}

export function speechAgreement({ events, metric }: Watched, clauses: readonly Stretch[]): SpeechAgreement {
  const overlapS = (a: Stretch, b: Stretch): number => Math.max(0, Math.min(a.toS, b.toS) - Math.max(a.fromS, b.fromS));
  const found = clauses.flatMap((clause) => {
    const by = events.filter((event) => overlapS(event, clause) > 0);
    return by.length > 0 ? [{ clause, by, first: by[0]!, last: by.at(-1)! }] : [];
  });
  const apart = found.filter(({ first }, i) => first !== found[i - 1]?.last);
  const ended = found.filter(({ last }, i) => last !== found[i + 1]?.first);
  return {
    shares: metric('speech').map(({ atS, value }) => ({
      said: value,
      true: clauses.reduce((sum, clause) => sum + overlapS(clause, { fromS: atS - 1, toS: atS }), 0),
    })),
    missed: clauses.length - found.length,
    falseEvents: events.filter((event) => clauses.every((clause) => overlapS(event, clause) === 0)).length,
    split: found.reduce((sum, { by }) => sum + by.length - 1, 0),
    joined: found.length - apart.length,
    onsetErrorsS: apart.map(({ clause, first }) => first.fromS - clause.fromS),
    offsetErrorsS: ended.map(({ clause, last }) => last.toS - clause.toS),
  };
}

/** Seconds of which both say the same: speech or none. */
export const sameSeconds = (shares: SpeechAgreement['shares']): number =>
  shares.filter((share) => share.said >= SPOKEN_SHARE === share.true >= SPOKEN_SHARE).length / shares.length;
