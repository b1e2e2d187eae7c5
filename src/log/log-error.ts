/**
 * The one error of this folder: what was handed in breaks a rule of the custody log.
 * Its message names the rule and never a private value.
 */

/** `entry`: L2; `draft`: L2.5 registry; `tree`: L3.2; `map`: L3.3; `note`: C2SP signed note; `export`: L9. */
export type LogErrorCode = 'entry' | 'draft' | 'tree' | 'map' | 'note' | 'export';

/** Thrown wherever input is refused; nothing was changed when it is thrown. */
export class LogError extends Error {
  override readonly name = 'LogError';
  readonly code: LogErrorCode;

  constructor(code: LogErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
