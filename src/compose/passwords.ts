/** Password work of this process: one queue for all, and the port's own word for a full one (reliability.md 5). */
import { Busy, type Passwords } from '../acts/ports/outside.ts';
import { Busy as QueueFull } from '../crypto/gate.ts';
import { createPasswords } from '../crypto/password.ts';

export function nodePasswords(): Passwords {
  const real = createPasswords();
  const told = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw error instanceof QueueFull ? new Busy(error.message) : error;
    }
  };
  return {
    hash: (password) => told(real.hash(password)),
    verify: (password, stored) => told(real.verify(password, stored)),
  };
}
