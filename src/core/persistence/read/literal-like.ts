/** A text as a part of a pattern of LIKE, whose wildcards are none there. */
export const literally = (text: string): string => text.replace(/[\\%_]/g, '\\$&');
