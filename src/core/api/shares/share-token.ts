import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** The first letters say what a token is for, so that a leak is recognised; the rest is 192 random bits. */
const PREFIX = 'vdl_';
const TOKEN = /^vdl_[A-Za-z0-9_-]{32}$/;
/** Somebody who opened the page watches for so long at most. */
const VIEW_MS = 6 * 3_600_000;

export interface FreshShareToken {
  /** Shown once, stored nowhere. */
  readonly token: string;
  readonly sha256: Buffer;
}

export function freshShareToken(): FreshShareToken {
  const token = PREFIX + randomBytes(24).toString('base64url');
  return { token, sha256: sha256Of(token) };
}

/** @returns null for what is no token at all */
export const shareHash = (token: string): Buffer | null => (TOKEN.test(token) ? sha256Of(token) : null);

const sha256Of = (token: string): Buffer => createHash('sha256').update(token, 'utf8').digest();

/** What a page that counted as a view gives its player, so that fetching the clip piece by piece counts no more. */
export function viewTicket(key: Buffer, shareId: string, nowMs: number): string {
  const untilMs = nowMs + VIEW_MS;
  return `${untilMs}.${mac(key, shareId, untilMs).toString('base64url')}`;
}

export function isViewTicket(key: Buffer, shareId: string, ticket: string, nowMs: number): boolean {
  const [until = '', signature = ''] = ticket.split('.');
  if (!/^\d{13}$/.test(until) || Number(until) < nowMs) return false;
  const [given, right] = [Buffer.from(signature, 'base64url'), mac(key, shareId, Number(until))];
  return given.length === right.length && timingSafeEqual(given, right);
}

const mac = (key: Buffer, shareId: string, untilMs: number): Buffer =>
  createHmac('sha256', key).update(`share view ${shareId} ${untilMs}`).digest();
