const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** A text as it stands in HTML, within elements and quoted attributes. */
export const htmlText = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
