import { describe, expect, it } from 'vitest';
import { anIssue, aStream } from '../testing/wire-samples';
import { HealthState } from './health-state';

describe(HealthState.name, () => {
  it('is what the list said, until the socket says otherwise', () => {
    const health = new HealthState();
    expect(health.of('stream-1')).toBeNull();
    health.replace([{ ...aStream(), health: { status: 'good', issues: [] } }]);
    expect(health.of('stream-1')?.status).toBe('good');
    health.apply({ type: 'pong' });
    health.apply({ type: 'health', streams: [{ streamId: 'stream-1', status: 'ok', issues: [anIssue()] }] });
    expect(health.of('stream-1')).toEqual({ status: 'ok', issues: [anIssue()] });
    health.clear();
    expect(health.of('stream-1')).toBeNull();
  });
});
