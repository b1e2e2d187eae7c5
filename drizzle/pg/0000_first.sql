CREATE TABLE "account" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"person_id" text COLLATE "C" NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"name_key" text COLLATE "C" NOT NULL,
	"password_hash" text COLLATE "C" NOT NULL,
	"must_change" boolean NOT NULL,
	"state" text COLLATE "C" NOT NULL,
	"created_seq" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "agreement" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"version" bigint NOT NULL,
	"text" text COLLATE "C" NOT NULL,
	"text_hash" text COLLATE "C" NOT NULL,
	"created_seq" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "application" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"number" text COLLATE "C" NOT NULL,
	"kind" text COLLATE "C" NOT NULL,
	"centre_id" text COLLATE "C" NOT NULL,
	"requester_id" text COLLATE "C" NOT NULL,
	"posting_id" text COLLATE "C" NOT NULL,
	"unit_id" text COLLATE "C",
	"state" text COLLATE "C" NOT NULL,
	"revision" bigint NOT NULL,
	"terms_hash" text COLLATE "C" NOT NULL,
	"class" text COLLATE "C" NOT NULL,
	"stage" bigint NOT NULL,
	"stage_due_at" bigint,
	"ttl_at" bigint,
	"escalation" bigint NOT NULL,
	"stalled" boolean NOT NULL,
	"previous_grant_id" text COLLATE "C",
	"created_at" bigint NOT NULL,
	"submitted_at" bigint,
	"closed_at" bigint,
	"created_seq" bigint NOT NULL,
	"changed_seq" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "application_item" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"application_id" text COLLATE "C" NOT NULL,
	"revision" bigint NOT NULL,
	"item_id" text COLLATE "C" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "assignment" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"posting_id" text COLLATE "C" NOT NULL,
	"person_id" text COLLATE "C" NOT NULL,
	"centre_id" text COLLATE "C" NOT NULL,
	"unit_id" text COLLATE "C",
	"office" text COLLATE "C" NOT NULL,
	"created_seq" bigint NOT NULL,
	"ended_seq" bigint
);
--> statement-breakpoint
CREATE TABLE "centre" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"parent_id" text COLLATE "C",
	"name" text COLLATE "C" NOT NULL,
	"created_seq" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "counter" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"value" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "decision" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"application_id" text COLLATE "C" NOT NULL,
	"revision" bigint NOT NULL,
	"terms_hash" text COLLATE "C" NOT NULL,
	"person_id" text COLLATE "C" NOT NULL,
	"policy_id" text COLLATE "C" NOT NULL,
	"stage" bigint NOT NULL,
	"seat" text COLLATE "C" NOT NULL,
	"outcome" text COLLATE "C" NOT NULL,
	"reason_code" text COLLATE "C" NOT NULL,
	"sealed_reason" "bytea",
	"step_up_id" text COLLATE "C",
	"at" bigint NOT NULL,
	"created_seq" bigint NOT NULL,
	"withdrawn_seq" bigint
);
--> statement-breakpoint
CREATE TABLE "grant" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"number" text COLLATE "C" NOT NULL,
	"application_id" text COLLATE "C" NOT NULL,
	"kind" text COLLATE "C" NOT NULL,
	"person_id" text COLLATE "C" NOT NULL,
	"centre_id" text COLLATE "C" NOT NULL,
	"state" text COLLATE "C" NOT NULL,
	"end_reason" text COLLATE "C",
	"terms_hash" text COLLATE "C" NOT NULL,
	"duration_ms" bigint NOT NULL,
	"not_before" bigint,
	"activate_by" bigint NOT NULL,
	"absolute_end" bigint NOT NULL,
	"started_at" bigint,
	"not_after" bigint,
	"max_uses" bigint,
	"uses" bigint NOT NULL,
	"step_up_at_start" boolean NOT NULL,
	"chain_links" bigint NOT NULL,
	"created_seq" bigint NOT NULL,
	"started_seq" bigint,
	"changed_seq" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "grant_item" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"grant_id" text COLLATE "C" NOT NULL,
	"item_id" text COLLATE "C" NOT NULL,
	"ended_seq" bigint
);
--> statement-breakpoint
CREATE TABLE "idempotency" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"body_hash" text COLLATE "C" NOT NULL,
	"status" bigint NOT NULL,
	"body" text COLLATE "C" NOT NULL,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "intake" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"centre_id" text COLLATE "C" NOT NULL,
	"person_id" text COLLATE "C" NOT NULL,
	"size" bigint NOT NULL,
	"declared_sha256" text COLLATE "C" NOT NULL,
	"sealed_description" "bytea" NOT NULL,
	"wrapped_dek" "bytea" NOT NULL,
	"object_name" text COLLATE "C" NOT NULL,
	"state" text COLLATE "C" NOT NULL,
	"expires_at" bigint NOT NULL,
	"created_at" bigint NOT NULL,
	"created_seq" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "item" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"centre_id" text COLLATE "C" NOT NULL,
	"number" text COLLATE "C" NOT NULL,
	"kind" text COLLATE "C" NOT NULL,
	"class" text COLLATE "C" NOT NULL,
	"source" text COLLATE "C" NOT NULL,
	"place" text COLLATE "C" NOT NULL,
	"recorded_from" bigint,
	"recorded_to" bigint,
	"custodian_id" text COLLATE "C" NOT NULL,
	"state" text COLLATE "C" NOT NULL,
	"scan" text COLLATE "C" NOT NULL,
	"media_type" text COLLATE "C" NOT NULL,
	"claimed_type" text COLLATE "C" NOT NULL,
	"size" bigint NOT NULL,
	"sha256" text COLLATE "C" NOT NULL,
	"duration_ms" bigint,
	"probe" text COLLATE "C" NOT NULL,
	"sealed_title" "bytea" NOT NULL,
	"object_name" text COLLATE "C" NOT NULL,
	"wrapped_dek" "bytea" NOT NULL,
	"sealed_manifest" "bytea" NOT NULL,
	"involved" text COLLATE "C" NOT NULL,
	"version" bigint NOT NULL,
	"accepted_at" bigint NOT NULL,
	"created_seq" bigint NOT NULL,
	"changed_seq" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "log_checkpoint" (
	"size" bigint PRIMARY KEY NOT NULL,
	"note" text COLLATE "C" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "log_entry" (
	"seq" bigint PRIMARY KEY NOT NULL,
	"bytes" "bytea" NOT NULL,
	"leaf" "bytea" NOT NULL,
	"mac" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "log_link" (
	"sid" bigint NOT NULL,
	"n" bigint NOT NULL,
	"seq" bigint NOT NULL,
	CONSTRAINT "log_link_sid_n_pk" PRIMARY KEY("sid","n")
);
--> statement-breakpoint
CREATE TABLE "log_private" (
	"seq" bigint NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"sealed" "bytea" NOT NULL,
	CONSTRAINT "log_private_seq_name_pk" PRIMARY KEY("seq","name")
);
--> statement-breakpoint
CREATE TABLE "log_stamp" (
	"sha256" "bytea" PRIMARY KEY NOT NULL,
	"size" bigint NOT NULL,
	"token" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "log_subject" (
	"sid" bigint PRIMARY KEY NOT NULL,
	"key" "bytea" NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"n" bigint NOT NULL,
	"head" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "log_tile" (
	"level" bigint NOT NULL,
	"idx" bigint NOT NULL,
	"hashes" "bytea" NOT NULL,
	CONSTRAINT "log_tile_level_idx_pk" PRIMARY KEY("level","idx")
);
--> statement-breakpoint
CREATE TABLE "offer" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"application_id" text COLLATE "C" NOT NULL,
	"revision" bigint NOT NULL,
	"person_id" text COLLATE "C" NOT NULL,
	"terms_hash" text COLLATE "C" NOT NULL,
	"sealed_terms" "bytea" NOT NULL,
	"step_up_id" text COLLATE "C",
	"expires_at" bigint NOT NULL,
	"state" text COLLATE "C" NOT NULL,
	"created_seq" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"topic" text COLLATE "C" NOT NULL,
	"recipient_id" text COLLATE "C",
	"payload" text COLLATE "C" NOT NULL,
	"created_at" bigint NOT NULL,
	"due_at" bigint NOT NULL,
	"attempts" bigint NOT NULL,
	"done_at" bigint,
	"last_error" text COLLATE "C"
);
--> statement-breakpoint
CREATE TABLE "person" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"centre_id" text COLLATE "C" NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"home" text COLLATE "C" NOT NULL,
	"clearance" text COLLATE "C" NOT NULL,
	"state" text COLLATE "C" NOT NULL,
	"epoch" bigint NOT NULL,
	"created_seq" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "policy" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"centre_id" text COLLATE "C",
	"kind" text COLLATE "C" NOT NULL,
	"class" text COLLATE "C" NOT NULL,
	"version" bigint NOT NULL,
	"stages" text COLLATE "C" NOT NULL,
	"duration_default_ms" bigint NOT NULL,
	"duration_cap_ms" bigint NOT NULL,
	"request_ttl_ms" bigint NOT NULL,
	"sla_ms" bigint NOT NULL,
	"start_ttl_ms" bigint NOT NULL,
	"step_up_at_start" boolean NOT NULL,
	"max_uses" bigint,
	"created_seq" bigint NOT NULL,
	"replaced_seq" bigint
);
--> statement-breakpoint
CREATE TABLE "posting" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"person_id" text COLLATE "C" NOT NULL,
	"centre_id" text COLLATE "C" NOT NULL,
	"unit_id" text COLLATE "C",
	"starts_at" bigint NOT NULL,
	"ends_at" bigint,
	"created_seq" bigint NOT NULL,
	"ended_seq" bigint
);
--> statement-breakpoint
CREATE TABLE "store_probe" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"value" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "revision" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"application_id" text COLLATE "C" NOT NULL,
	"revision" bigint NOT NULL,
	"terms_hash" text COLLATE "C" NOT NULL,
	"sealed_terms" "bytea" NOT NULL,
	"policies" text COLLATE "C" NOT NULL,
	"created_seq" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "session" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"person_id" text COLLATE "C" NOT NULL,
	"account_id" text COLLATE "C" NOT NULL,
	"person_epoch" bigint NOT NULL,
	"created_at" bigint NOT NULL,
	"ends_at" bigint NOT NULL,
	"ended_at" bigint,
	"end_reason" text COLLATE "C",
	"created_seq" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "session_activity" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"last_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "setting" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"value" text COLLATE "C" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sign_in_miss" (
	"name_key" text COLLATE "C" PRIMARY KEY NOT NULL,
	"misses" bigint NOT NULL,
	"last_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "signature" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"person_id" text COLLATE "C" NOT NULL,
	"version" bigint NOT NULL,
	"created_seq" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "step_up" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"session_id" text COLLATE "C" NOT NULL,
	"person_id" text COLLATE "C" NOT NULL,
	"act" text COLLATE "C" NOT NULL,
	"terms_hash" text COLLATE "C" NOT NULL,
	"made_at" bigint NOT NULL,
	"used_seq" bigint
);
--> statement-breakpoint
CREATE TABLE "subject_key" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"collection" text COLLATE "C" NOT NULL,
	"key_index" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "unit" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"centre_id" text COLLATE "C" NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"created_seq" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "viewing" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"grant_id" text COLLATE "C" NOT NULL,
	"item_id" text COLLATE "C" NOT NULL,
	"person_id" text COLLATE "C" NOT NULL,
	"session_id" text COLLATE "C" NOT NULL,
	"opened_at" bigint NOT NULL,
	"opened_seq" bigint NOT NULL,
	"lease_until" bigint NOT NULL,
	"ended_at" bigint,
	"end_reason" text COLLATE "C",
	"seconds_watched" bigint NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX "account_name" ON "account" USING btree ("name_key");--> statement-breakpoint
CREATE INDEX "account_by_person" ON "account" USING btree ("person_id");--> statement-breakpoint
CREATE UNIQUE INDEX "agreement_version" ON "agreement" USING btree ("version");--> statement-breakpoint
CREATE UNIQUE INDEX "application_number" ON "application" USING btree ("centre_id","number") WHERE number <> '';--> statement-breakpoint
CREATE INDEX "application_by_requester" ON "application" USING btree ("requester_id","created_at","id");--> statement-breakpoint
CREATE INDEX "application_by_centre" ON "application" USING btree ("centre_id","state","created_at","id");--> statement-breakpoint
CREATE INDEX "application_due" ON "application" USING btree ("state","stage_due_at");--> statement-breakpoint
CREATE INDEX "application_ttl" ON "application" USING btree ("state","ttl_at");--> statement-breakpoint
CREATE UNIQUE INDEX "application_item_once" ON "application_item" USING btree ("application_id","revision","item_id");--> statement-breakpoint
CREATE INDEX "application_item_by_item" ON "application_item" USING btree ("item_id");--> statement-breakpoint
CREATE INDEX "assignment_by_person" ON "assignment" USING btree ("person_id");--> statement-breakpoint
CREATE INDEX "assignment_by_centre" ON "assignment" USING btree ("centre_id","office");--> statement-breakpoint
CREATE INDEX "assignment_by_posting" ON "assignment" USING btree ("posting_id");--> statement-breakpoint
CREATE INDEX "decision_by_application" ON "decision" USING btree ("application_id","revision");--> statement-breakpoint
CREATE INDEX "decision_by_person" ON "decision" USING btree ("person_id");--> statement-breakpoint
CREATE UNIQUE INDEX "grant_application" ON "grant" USING btree ("application_id");--> statement-breakpoint
CREATE UNIQUE INDEX "grant_number" ON "grant" USING btree ("centre_id","number");--> statement-breakpoint
CREATE INDEX "grant_by_person" ON "grant" USING btree ("person_id","created_seq");--> statement-breakpoint
CREATE INDEX "grant_by_centre" ON "grant" USING btree ("centre_id","state","created_seq");--> statement-breakpoint
CREATE INDEX "grant_due" ON "grant" USING btree ("state","not_after");--> statement-breakpoint
CREATE INDEX "grant_unused" ON "grant" USING btree ("state","activate_by");--> statement-breakpoint
CREATE UNIQUE INDEX "grant_item_once" ON "grant_item" USING btree ("grant_id","item_id");--> statement-breakpoint
CREATE INDEX "grant_item_by_item" ON "grant_item" USING btree ("item_id");--> statement-breakpoint
CREATE INDEX "idempotency_age" ON "idempotency" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "intake_by_person" ON "intake" USING btree ("person_id","state");--> statement-breakpoint
CREATE INDEX "intake_due" ON "intake" USING btree ("state","expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "item_number" ON "item" USING btree ("centre_id","number");--> statement-breakpoint
CREATE INDEX "item_by_number" ON "item" USING btree ("number","id");--> statement-breakpoint
CREATE INDEX "item_by_custodian" ON "item" USING btree ("custodian_id");--> statement-breakpoint
CREATE INDEX "item_by_hash" ON "item" USING btree ("sha256");--> statement-breakpoint
CREATE INDEX "log_link_by_seq" ON "log_link" USING btree ("seq");--> statement-breakpoint
CREATE UNIQUE INDEX "log_subject_key" ON "log_subject" USING btree ("key");--> statement-breakpoint
CREATE UNIQUE INDEX "log_subject_id" ON "log_subject" USING btree ("id");--> statement-breakpoint
CREATE INDEX "offer_by_application" ON "offer" USING btree ("application_id");--> statement-breakpoint
CREATE INDEX "offer_due" ON "offer" USING btree ("state","expires_at");--> statement-breakpoint
CREATE INDEX "outbox_due" ON "outbox" USING btree ("done_at","due_at");--> statement-breakpoint
CREATE UNIQUE INDEX "policy_in_force" ON "policy" USING btree ("centre_id","kind","class") WHERE replaced_seq is null;--> statement-breakpoint
CREATE UNIQUE INDEX "policy_in_force_everywhere" ON "policy" USING btree ("kind","class") WHERE replaced_seq is null and centre_id is null;--> statement-breakpoint
CREATE INDEX "posting_by_person" ON "posting" USING btree ("person_id");--> statement-breakpoint
CREATE INDEX "posting_by_centre" ON "posting" USING btree ("centre_id");--> statement-breakpoint
CREATE UNIQUE INDEX "revision_once" ON "revision" USING btree ("application_id","revision");--> statement-breakpoint
CREATE INDEX "session_by_person" ON "session" USING btree ("person_id","ended_at");--> statement-breakpoint
CREATE UNIQUE INDEX "signature_once" ON "signature" USING btree ("person_id","version");--> statement-breakpoint
CREATE INDEX "step_up_by_session" ON "step_up" USING btree ("session_id");--> statement-breakpoint
CREATE UNIQUE INDEX "subject_key_leaf" ON "subject_key" USING btree ("collection","key_index");--> statement-breakpoint
CREATE INDEX "unit_by_centre" ON "unit" USING btree ("centre_id");--> statement-breakpoint
CREATE INDEX "viewing_by_grant" ON "viewing" USING btree ("grant_id","ended_at");--> statement-breakpoint
CREATE INDEX "viewing_by_session" ON "viewing" USING btree ("session_id","ended_at");--> statement-breakpoint
CREATE INDEX "viewing_by_person" ON "viewing" USING btree ("person_id","ended_at");--> statement-breakpoint
CREATE INDEX "viewing_by_item" ON "viewing" USING btree ("item_id");