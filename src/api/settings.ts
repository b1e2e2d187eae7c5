/** Figures and names that the door needs from the configuration; the defaults are those of reliability.md 4. */
export interface Door {
  /** Hosts that a request may name, with port where it is not the default; anything else is 421. */
  readonly hosts: readonly string[];
  /** Origins that count as ours for unsafe methods. */
  readonly origins: readonly string[];
  /** Whether people reach the service over TLS (HSTS is sent then). */
  readonly tls: boolean;
  readonly jsonBytesMax: number;
  readonly jsonDepthMax: number;
  /** How long a JSON body may take to arrive, ms. */
  readonly jsonBodyMs: number;
  readonly patchBytesMax: number;
  /** How far a stream may run ahead of playback, ms; Infinity turns pacing off (R39). */
  readonly aheadMs: number;
  readonly streamsPerPerson: number;
  /** Multiplies the rates of rates.ts. */
  readonly rateScale: number;
}

export const doorDefaults = {
  jsonBytesMax: 256 * 1024,
  jsonDepthMax: 32,
  jsonBodyMs: 15_000,
  patchBytesMax: 16 * 1024 * 1024,
  aheadMs: 10_000,
  streamsPerPerson: 4,
} as const;
