import { z } from 'zod';

/** Texts that come from people and programs and are stored: nothing in them that PostgreSQL cannot hold, or that no screen shows. */
const holds = (isAllowed: RegExp) => (value: string) => value.isWellFormed() && !isAllowed.test(value);

/**
 * One line of text, 1 to `maxChars` characters.
 * @example const name = text(100);
 */
export const text = (maxChars: number) =>
  z
    .string()
    .min(1)
    .max(maxChars)
    .refine(holds(/\p{Cc}/u), 'text without control characters');

/** Text of several lines, up to `maxChars` characters: line ends and tabs are its only control characters. */
export const lines = (maxChars: number) =>
  z
    .string()
    .max(maxChars)
    .refine(holds(/[^\P{Cc}\n\r\t]/u), 'text without control characters other than line ends and tabs');

/** Whether every text in a JSON value can be stored, names of members included. */
export function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0');
  if (Array.isArray(value)) return value.every(isStorable);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, inner]) => isStorable(name) && isStorable(inner));
}
