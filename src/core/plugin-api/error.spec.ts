import { describe, expect, it } from 'vitest';
import { CodedError, defineErrors, errorText } from './error.js';

const doorError = defineErrors({
  ACME_DOOR_NO_MODEL: { fix: 'Copy the file to models/' },
  ACME_DOOR_CAMERA_AWAY: { fix: 'Look at the cable', retryable: true },
});

describe(defineErrors.name, () => {
  it('makes errors that carry what their row says', () => {
    const error = doorError('ACME_DOOR_CAMERA_AWAY', 'door-1 does not answer');
    expect(error).toBeInstanceOf(CodedError);
    expect(error).toMatchObject({
      code: 'ACME_DOOR_CAMERA_AWAY',
      message: 'door-1 does not answer',
      fix: 'Look at the cable',
      retryable: true,
    });
    expect(doorError('ACME_DOOR_NO_MODEL', 'x')).toMatchObject({ fix: 'Copy the file to models/', retryable: false, cost: 0 });
  });

  it('lets one error say its cause, its cost and a fix of its own', () => {
    const cause = new Error('ENOENT');
    const error = doorError('ACME_DOOR_NO_MODEL', 'x', { cause, cost: 0.5, fix: 'Set plugins[].config.model' });
    expect(error).toMatchObject({ cause, cost: 0.5, fix: 'Set plugins[].config.model' });
  });
});

describe(errorText.name, () => {
  it.each([
    [new Error('it broke'), 'it broke'],
    ['it broke', 'it broke'],
    [undefined, 'undefined'],
    [42, '42'],
  ])('of %o is %j', (thrown, text) => expect(errorText(thrown)).toBe(text));
});
