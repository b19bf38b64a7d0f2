import { Injectable } from '@nestjs/common';
import { apiError } from '../../errors/api.errors.js';
import { shownTo, StreamReads, type StreamView } from '../../persistence/read/stream-reads.js';
import type { Principal } from '../auth/principal.js';

/** Whoever asks: only what they may decides. */
export type Seer = Pick<Principal, 'role'>;

/** The one place that decides which streams a user sees, and what of them. What is not visible does not exist. */
@Injectable()
export class StreamAccess {
  constructor(private readonly streams: StreamReads) {}

  async list(principal: Seer): Promise<StreamView[]> {
    return (await this.streams.list()).filter((view) => visible(view, principal)).map((view) => shownTo(principal.role, view));
  }

  /** Those, or all that are visible where none are named. @throws VD_API_NOT_FOUND */
  several(streamIds: readonly string[] | undefined, principal: Principal): Promise<StreamView[]> {
    return streamIds === undefined ? this.list(principal) : Promise.all(streamIds.map((id) => this.one(id, principal)));
  }

  /** @throws VD_API_NOT_FOUND */
  async one(streamId: string, principal: Seer): Promise<StreamView> {
    const view = await this.find(streamId, principal);
    if (view === undefined) throw notFound(streamId);
    return view;
  }

  async find(streamId: string, principal: Seer): Promise<StreamView | undefined> {
    const view = await this.look(streamId, principal);
    return view?.deleted === true ? undefined : view;
  }

  /** A removed stream too, for admins: what it left may be held. @throws VD_API_NOT_FOUND */
  async evenRemoved(streamId: string, principal: Seer): Promise<StreamView> {
    const view = await this.look(streamId, principal);
    if (view === undefined || (view.deleted && principal.role !== 'admin')) throw notFound(streamId);
    return view;
  }

  private async look(streamId: string, principal: Seer): Promise<StreamView | undefined> {
    const view = (await this.streams.byIds([streamId]))[0];
    return view === undefined || !visible(view, principal) ? undefined : shownTo(principal.role, view);
  }
}

const notFound = (streamId: string): Error => apiError('VD_API_NOT_FOUND', `No stream ${streamId}.`);
const visible = (view: StreamView, principal: Seer): boolean => principal.role === 'admin' || !view.wire.private;
