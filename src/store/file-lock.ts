/**
 * A lock between processes that the system frees when its holder dies: SQLite's own lock on an empty file, since
 * Node has no `flock`. Holds in all threads and processes of one machine; not over a network file system.
 */
import Database from 'better-sqlite3';

export class FileLock {
  readonly #db: Database.Database;

  private constructor(db: Database.Database) {
    this.#db = db;
  }

  /** The lock, or null when someone else has held it for `waitMs`. */
  static take(path: string, waitMs = 0): FileLock | null {
    const db = new Database(path, { timeout: waitMs });
    try {
      db.exec('begin exclusive');
      return new FileLock(db);
    } catch (error) {
      db.close();
      if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) return null;
      throw error;
    }
  }

  free(): void {
    this.#db.close();
  }
}
