import type { EventWire } from '../../src/app/api/models';
import { moodOf } from '../clip/clip-scene.ts';
import { iso } from './stage.ts';

/** Where and when something happens on the media's clock. */
export interface Moment {
  readonly frame: number;
  readonly ptsUs: number;
  readonly at: string;
}

/** An event at its beginning, as it is told of: who it belongs to. */
export type EventOwner = Pick<EventWire, 'streamId' | 'epochId' | 'analyzerId'>;

/** Black and frozen pictures as events that open and close, changes of the scene as events without a length. */
export class PictureEvents {
  private readonly open = new Map<string, EventWire>();
  private readonly nextId: () => string;

  constructor(nextId: () => string) {
    this.nextId = nextId;
  }

  /** Events that begin or end at this moment. */
  changedAt(moment: Moment, frameStep: number, owner: EventOwner): EventWire[] {
    const mood = moodOf(moment.frame);
    const changed: EventWire[] = [];
    for (const name of ['black', 'frozen'] as const) {
      const open = this.open.get(name);
      if (mood[name] && open === undefined) {
        const event = this.begun(name, moment, owner, name === 'black' ? { brightness: 0.01 } : null);
        this.open.set(name, event);
        changed.push(event);
      } else if (!mood[name] && open !== undefined) {
        this.open.delete(name);
        changed.push(Object.assign(open, ended(moment.ptsUs, moment.at, 'ended')));
      }
    }
    if (mood.scene !== moodOf(Math.max(0, moment.frame - frameStep)).scene) {
      const event = this.begun('scene-change', moment, owner, { difference: 0.61 });
      changed.push(Object.assign(event, ended(moment.ptsUs, moment.at, 'ended')));
    }
    return changed;
  }

  /** Nothing stays open beyond its epoch. */
  closeAll(endMs: number): void {
    for (const event of this.open.values()) Object.assign(event, ended(event.startPtsUs, iso(endMs), 'epoch-ended'));
    this.open.clear();
  }

  private begun(name: string, { frame, ptsUs, at }: Moment, owner: EventOwner, data: EventWire['data']): EventWire {
    return {
      ...owner,
      id: this.nextId(),
      key: `${name}-${frame}`,
      name,
      state: 'open',
      startPtsUs: ptsUs,
      startAt: at,
      endPtsUs: null,
      endAt: null,
      endReason: null,
      data,
      evidence: null,
    };
  }
}

const ended = (endPtsUs: number, endAt: string, endReason: string): Partial<EventWire> => ({ state: 'closed', endPtsUs, endAt, endReason });
