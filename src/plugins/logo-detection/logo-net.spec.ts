import { describe, expect, it } from 'vitest';
import type { Model, Models, Tensor } from 'vedette/plugin';
import { LogoNet } from './logo-net.js';

const giving = (outputs: Record<string, Tensor>): Models =>
  ({ open: async () => ({ run: async () => outputs, dispose: async () => undefined }) as unknown as Model }) as unknown as Models;
const opened = async (models: Models): Promise<LogoNet> => {
  const net = new LogoNet(models, 'f', 'c');
  await net.open();
  return net;
};
const floats = (dims: number[]): Tensor => ({ type: 'float32', dims, data: new Float32Array(dims.reduce((a, b) => a * b, 1)) });

describe(LogoNet.name, () => {
  it('refuses a network whose outputs are others than it needs', async () => {
    const net = await opened(giving({ features: { type: 'uint8', dims: [1, 2, 2, 2], data: new Uint8Array(8) } }));
    await expect(net.features(new Float32Array(64), 8, 8)).rejects.toMatchObject({
      code: 'VD_LOGO_UNFIT_NETWORK',
      fix: expect.stringContaining('build-logo-model') as string,
    });
    await expect(
      net.correlate(
        { data: new Float32Array(8), depth: 2, rows: 2, columns: 2 },
        {
          count: 1,
          rows: 1,
          columns: 1,
          channels: 1,
          projection: new Float32Array(2),
          shared: new Float32Array(1),
          mix: new Float32Array(1),
        },
      ),
    ).rejects.toMatchObject({
      code: 'VD_LOGO_UNFIT_NETWORK',
    });
  });

  it('reads shapes from what comes out', async () => {
    const net = await opened(giving({ features: floats([1, 24, 3, 5]), attention: floats([1, 1, 3, 5]), pooled: floats([1, 24, 1, 2]) }));
    expect(await net.features(new Float32Array(240), 20, 12)).toMatchObject({
      ...{ depth: 24, rows: 3, columns: 5 },
      pooled: { depth: 24, rows: 1, columns: 2 },
    });
  });

  it('lets go of the first file when the second cannot be opened', async () => {
    let open = 0;
    const models = {
      open: async (path: string) => {
        if (path === 'c') throw new Error('no such file');
        open++;
        return { dispose: async () => void open-- } as unknown as Model;
      },
    } as unknown as Models;
    await expect(opened(models)).rejects.toThrow('no such file');
    expect(open).toBe(0);
  });
});
