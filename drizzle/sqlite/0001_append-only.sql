-- A seat belt, not evidence (L4.5): whoever owns the database can drop these.
CREATE TRIGGER log_entry_no_update BEFORE UPDATE ON log_entry BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
--> statement-breakpoint
CREATE TRIGGER log_entry_no_delete BEFORE DELETE ON log_entry BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
--> statement-breakpoint
CREATE TRIGGER log_link_no_update BEFORE UPDATE ON log_link BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
--> statement-breakpoint
CREATE TRIGGER log_link_no_delete BEFORE DELETE ON log_link BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
--> statement-breakpoint
CREATE TRIGGER log_tile_no_update BEFORE UPDATE ON log_tile BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
--> statement-breakpoint
CREATE TRIGGER log_tile_no_delete BEFORE DELETE ON log_tile BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
