const LFS_POINTER = 'version https://git-lfs.github.com/spec/';
const SHOWN_AT_MOST = 4_096;

/**
 * What a file's content is where it is certainly not what its name says: left empty by a power cut, saved in another encoding, or a
 * stand-in for the real file.
 * @returns null where nothing of the kind is to be seen
 * @example mistakenFor(Buffer.alloc(0)) === 'the file is empty, as a power cut may leave it'
 */
export function mistakenFor(bytes: Buffer): string | null {
  if (bytes.length === 0) return 'the file is empty, as a power cut may leave it';
  const start = bytes.subarray(0, SHOWN_AT_MOST);
  if (start.every((byte) => byte === 0)) return 'the file begins with zeros only, as a power cut may leave it';
  if (start.toString('latin1').startsWith(LFS_POINTER))
    return 'the file is a Git LFS pointer instead of the file itself: run `git lfs pull`';
  if (isUtf16(start)) return 'the file is UTF-16 text: save it as UTF-8';
  return null;
}

/** By its mark, or by the zeros of ASCII letters on one side of each pair. */
function isUtf16(start: Buffer): boolean {
  if ((start[0] === 0xff && start[1] === 0xfe) || (start[0] === 0xfe && start[1] === 0xff)) return true;
  const pairs = Math.min(32, Math.floor(start.length / 2));
  const isLetter = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x09 && byte < 0x7f;
  const all = (letterAt: 0 | 1): boolean =>
    Array.from({ length: pairs }, (_, i) => isLetter(start[2 * i + letterAt]) && start[2 * i + 1 - letterAt] === 0).every(Boolean);
  return pairs >= 2 && (all(0) || all(1));
}
