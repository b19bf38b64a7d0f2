import { describe, expect, it } from 'vitest';
import type { ImportWire } from '../../api/models';
import { FileUpload } from './file-upload';

const MIB = 1024 * 1024;
const file = (bytes: number): File => new File([new Uint8Array(bytes)], 'a.mp4');

describe(FileUpload.name, () => {
  it('sends a file in pieces that follow each other, and says how far it is', async () => {
    const pieces: [number, number][] = [];
    const shares: number[] = [];
    const upload: FileUpload = new FileUpload({
      createImport: async (_, body) => ({ id: 'i', ...body }) as unknown as ImportWire,
      uploadPiece: async (_stream, id, piece, { firstByte, totalBytes }) => {
        expect([id, totalBytes]).toEqual(['i', 17 * MIB]);
        shares.push(upload.sent());
        pieces.push([firstByte, piece.size]);
        return { id } as ImportWire;
      },
    });
    await upload.send('s', file(17 * MIB));
    expect(pieces).toEqual([
      [0, 8 * MIB],
      [8 * MIB, 8 * MIB],
      [16 * MIB, MIB],
    ]);
    expect([shares[0], upload.sent(), upload.problem()]).toEqual([0, 1, null]);
  });

  it('tells why it could not be sent', async () => {
    const upload = new FileUpload({
      createImport: async () => Promise.reject(new Error('no room')),
      uploadPiece: async () => Promise.reject(new Error('never asked')),
    });
    await upload.send('s', file(10));
    expect(upload.problem()?.detail).toBe('no room');
  });
});
