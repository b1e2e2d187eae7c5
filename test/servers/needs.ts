/** How a test asks for a server that setup.ts started, and says so when it is not there. */
import { describe, inject, test } from 'vitest';

export interface PostgresAddress {
  readonly url: string;
}

export interface S3Address {
  readonly kind: 'radosgw' | 'stand-in';
  readonly endpoint: string;
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

/** Provided once a run: the address, or what to install. */
export type Provided<Address> =
  | { readonly address: Address; readonly install: null }
  | { readonly address: null; readonly install: string };

export interface Servers {
  readonly postgres: PostgresAddress;
  readonly s3: S3Address;
}

declare module 'vitest' {
  interface ProvidedContext {
    postgres: Provided<PostgresAddress>;
    s3: Provided<S3Address>;
  }
}

/** The address, or null after printing `NOT RUN: <what to install>` (CI refuses that word). */
export function needs<K extends keyof Servers>(server: K): Servers[K] | null {
  const { address, install } = inject(server) as Provided<Servers[K]>;
  if (install !== null) console.warn(notRun(install));
  return address;
}

/** A `describe` whose body gets the address; without the server it holds one skipped test that says what to install. */
export function describeWith<K extends keyof Servers>(
  server: K,
  title: string,
  body: (address: Servers[K]) => void,
): void {
  const address = needs(server);
  describe(title, () => {
    if (address === null) test.skip(notRun(inject(server).install ?? ''), () => undefined);
    else body(address);
  });
}

/** The one text for what could not be tried. */
export function notRun(install: string): string {
  return `NOT RUN: ${install}`;
}
