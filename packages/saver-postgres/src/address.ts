/** What is the address of a database, and the error for what is none. */
import { InvalidArgumentError } from '@cairn/checkpoint-core';

/** A URL of PostgreSQL's, or what `pg` takes for a Unix socket. Anything else it completes to a host that nobody meant. */
const forms = /^(?:postgres(?:ql)?:\/\/|socket:|\/)/i;

/** @throws InvalidArgumentError */
export function checkAddressOfDatabase(connectionString: unknown): asserts connectionString is string {
  if (typeof connectionString !== 'string' || !forms.test(connectionString)) throw notAnAddress();
}

/** Holds nothing of what was given, nor the driver's error: either may show a password. */
export function notAnAddress(): InvalidArgumentError {
  return new InvalidArgumentError(
    'connectionString is not the address of a database. It is written as postgresql://user:password@host:5432/database, with ' +
      'characters such as @, : and / in the password as %40, %3A and %2F.',
  );
}
