/** The proof that whoever sets the service up is at the machine (reliability.md 5: a file of mode 0600, 1 h). */
export interface FirstRun {
  /** True while `token` is the one that was written for the first run and is not too old; compared in constant time. */
  admits(token: string): Promise<boolean>;
}
