import { CodedError } from 'vedette/plugin';
import { describe, expect, it } from 'vitest';
import { cloudError } from './errors.js';
import { Standing } from './standing.js';

function clocked(): { standing: Standing; pass: (ms: number) => void } {
  let nowMs = 0;
  return { standing: new Standing(() => nowMs), pass: (ms) => void (nowMs += ms) };
}
const trouble = cloudError('VD_CLOUD_SERVER', 'answered 503');

describe(Standing.name, () => {
  it('is down while credentials are known to be bad, says why, and lets one in to try after a while', () => {
    const { standing, pass } = clocked();
    standing.failed(cloudError('VD_CLOUD_CREDENTIALS', 'answered 401'));
    expect(standing.health()).toEqual({ status: 'down', detail: 'VD_CLOUD_CREDENTIALS: answered 401' });
    expect(() => standing.check()).toThrow(
      expect.objectContaining({
        code: 'VD_CLOUD_CREDENTIALS',
        retryable: false,
        message: 'not asked again for 15 s, since: answered 401',
      }) as CodedError,
    );
    pass(15_000);
    expect(standing.health().status).toBe('degraded');
    standing.check();
    standing.succeeded();
    expect(standing.health()).toEqual({ status: 'up' });
  });

  it('pauses for longer each time it was let in in vain', () => {
    const { standing, pass } = clocked();
    for (const pauseMs of [15_000, 30_000, 60_000, 120_000, 120_000]) {
      standing.failed(new CodedError('VD_EGRESS_REFUSED', 'not on the list'));
      pass(pauseMs - 1);
      expect(standing.health().status).toBe('down');
      pass(1);
      expect(standing.health().status).toBe('degraded');
    }
  });

  it('goes down after five failures in a row, not for single ones', () => {
    const { standing } = clocked();
    for (let i = 0; i < 4; i++) standing.failed(trouble);
    expect(standing.health().status).toBe('degraded');
    standing.succeeded();
    for (let i = 0; i < 5; i++) standing.failed(trouble);
    expect(standing.health().status).toBe('down');
  });

  it('leaves a provider alone that asks for it', () => {
    const { standing, pass } = clocked();
    standing.failed(cloudError('VD_CLOUD_QUOTA', 'answered 429'), 40_000);
    expect(() => standing.check()).toThrow(/not asked again for 40 s/);
    pass(40_000);
    standing.check();
  });

  it('does not blame the provider for what it is not to blame for', () => {
    const { standing } = clocked();
    for (let i = 0; i < 9; i++) standing.failed(cloudError('VD_CLOUD_PICTURE_REFUSED', 'too large'));
    standing.failed(cloudError('VD_CLOUD_ABORTED', 'called off'));
    expect(standing.health()).toEqual({ status: 'up' });
  });
});
