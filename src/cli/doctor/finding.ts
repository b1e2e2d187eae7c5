/** One line of `custos doctor`. */
export interface Finding {
  readonly check: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly says: string;
  /** What to do, where something is to be done. */
  readonly next?: string;
}

export const ok = (check: string, says: string): Finding => ({ check, state: 'ok', says });
export const warn = (check: string, says: string, next: string): Finding => ({
  check,
  state: 'warn',
  says,
  next,
});
export const fail = (check: string, says: string, next: string): Finding => ({
  check,
  state: 'fail',
  says,
  next,
});
