import { SetMetadata } from '@nestjs/common';
import type { Role } from '../../wire/wire.js';

const OPEN = Symbol.for('vedette.api.open');
const SIGNABLE = Symbol.for('vedette.api.signable');
const ROLE = Symbol.for('vedette.api.role');

/** A route that needs no sign-in. */
export const Open = (): MethodDecorator & ClassDecorator => SetMetadata(OPEN, true);
/** A route that a signed address opens too, without sign-in. */
export const Signable = (): MethodDecorator => SetMetadata(SIGNABLE, true);
/** A route for this role only; without it, reading is for everyone signed in and writing for admins. */
export const RequireRole = (role: Role): MethodDecorator & ClassDecorator => SetMetadata(ROLE, role);

export const ACCESS_METADATA = { open: OPEN, signable: SIGNABLE, role: ROLE } as const;
