-- A seat belt, not evidence (L4.5): whoever owns the database can drop these.
CREATE FUNCTION log_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the log only grows'; END $$;
--> statement-breakpoint
CREATE TRIGGER log_entry_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON log_entry FOR EACH STATEMENT EXECUTE FUNCTION log_only_grows();
--> statement-breakpoint
CREATE TRIGGER log_link_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON log_link FOR EACH STATEMENT EXECUTE FUNCTION log_only_grows();
--> statement-breakpoint
CREATE TRIGGER log_tile_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON log_tile FOR EACH STATEMENT EXECUTE FUNCTION log_only_grows();
