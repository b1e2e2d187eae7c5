/**
 * An expected "no". A refusal is a value, never thrown by a rule; everything else that goes wrong is a fault.
 * The codes are a closed union: each has a status (reliability.md 2), a page in docs/problems/ and a test.
 */
export const refusalStatus = {
  'bad-input': 400,
  'unknown-field': 400,
  'bad-cursor': 400,
  'sign-in-required': 401,
  'sign-in-failed': 401,
  'step-up-required': 401,
  'first-run-token-refused': 401,
  'agreement-missing': 403,
  'password-change-needed': 403,
  'not-posted': 403,
  'office-missing': 403,
  'same-person': 403,
  'not-a-person': 403,
  'not-yours': 403,
  'grant-ended': 403,
  'grant-suspended': 403,
  'grant-not-started': 403,
  'used-up': 403,
  'viewing-ended': 403,
  'clearance-too-low': 403,
  'cross-site': 403,
  'not-found': 404,
  'method-unknown': 405,
  'offices-separated': 409,
  'name-taken': 409,
  'state-forbids': 409,
  'application-closed': 409,
  'already-voted': 409,
  'opposite-vote': 409,
  'terms-changed': 409,
  'stage-not-reached': 409,
  'votes-short': 409,
  'item-not-available': 409,
  'already-set-up': 409,
  'agreement-outdated': 409,
  'upload-conflict': 409,
  'too-slow': 408,
  'too-large': 413,
  'wrong-type': 415,
  'version-conflict': 412,
  'purpose-missing': 422,
  'beyond-policy': 422,
  'wider-than-asked': 422,
  'nobody-to-decide': 422,
  'class-above-ceiling': 422,
  'file-refused': 422,
  'idempotency-key-reused': 422,
  'password-too-weak': 422,
  'upload-locked': 423,
  'too-many-tries': 429,
  busy: 503,
  sealed: 503,
  integrity: 503,
  'log-unavailable': 503,
  'clock-suspect': 503,
  'store-unavailable': 503,
  'no-space': 507,
} as const;

export type RefusalCode = keyof typeof refusalStatus;

/** One member of the input that is at fault: JSON pointer, code, and numbers or words that explain it. */
export interface FieldProblem {
  readonly pointer: string;
  readonly code: string;
  readonly params?: Readonly<Record<string, string | number>>;
}

/** Why a rule said no. `rule` is the id of the rule (R3, X14) for the log; `fields` are for the person. */
export interface Refusal {
  readonly refused: RefusalCode;
  readonly rule?: string;
  readonly fields?: readonly FieldProblem[];
  /** Seconds after which another try may be answered otherwise (429, 503). */
  readonly retryAfter?: number;
}

export const refuse = (refused: RefusalCode, more: Omit<Refusal, 'refused'> = {}): Refusal => ({
  refused,
  ...more,
});

export const isRefusal = (value: unknown): value is Refusal =>
  typeof value === 'object' && value !== null && 'refused' in value;
