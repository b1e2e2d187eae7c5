CREATE TABLE `account` (
	`id` text PRIMARY KEY NOT NULL,
	`person_id` text NOT NULL,
	`name` text NOT NULL,
	`name_key` text NOT NULL,
	`password_hash` text NOT NULL,
	`must_change` integer NOT NULL,
	`state` text NOT NULL,
	`created_seq` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `account_name` ON `account` (`name_key`);--> statement-breakpoint
CREATE INDEX `account_by_person` ON `account` (`person_id`);--> statement-breakpoint
CREATE TABLE `agreement` (
	`id` text PRIMARY KEY NOT NULL,
	`version` integer NOT NULL,
	`text` text NOT NULL,
	`text_hash` text NOT NULL,
	`created_seq` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `agreement_version` ON `agreement` (`version`);--> statement-breakpoint
CREATE TABLE `application` (
	`id` text PRIMARY KEY NOT NULL,
	`number` text NOT NULL,
	`kind` text NOT NULL,
	`centre_id` text NOT NULL,
	`requester_id` text NOT NULL,
	`posting_id` text NOT NULL,
	`unit_id` text,
	`state` text NOT NULL,
	`revision` integer NOT NULL,
	`terms_hash` text NOT NULL,
	`class` text NOT NULL,
	`stage` integer NOT NULL,
	`stage_due_at` integer,
	`ttl_at` integer,
	`escalation` integer NOT NULL,
	`stalled` integer NOT NULL,
	`previous_grant_id` text,
	`created_at` integer NOT NULL,
	`submitted_at` integer,
	`closed_at` integer,
	`created_seq` integer NOT NULL,
	`changed_seq` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `application_number` ON `application` (`centre_id`,`number`) WHERE number <> '';--> statement-breakpoint
CREATE INDEX `application_by_requester` ON `application` (`requester_id`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `application_by_centre` ON `application` (`centre_id`,`state`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `application_due` ON `application` (`state`,`stage_due_at`);--> statement-breakpoint
CREATE INDEX `application_ttl` ON `application` (`state`,`ttl_at`);--> statement-breakpoint
CREATE TABLE `application_item` (
	`id` text PRIMARY KEY NOT NULL,
	`application_id` text NOT NULL,
	`revision` integer NOT NULL,
	`item_id` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `application_item_once` ON `application_item` (`application_id`,`revision`,`item_id`);--> statement-breakpoint
CREATE INDEX `application_item_by_item` ON `application_item` (`item_id`);--> statement-breakpoint
CREATE TABLE `assignment` (
	`id` text PRIMARY KEY NOT NULL,
	`posting_id` text NOT NULL,
	`person_id` text NOT NULL,
	`centre_id` text NOT NULL,
	`unit_id` text,
	`office` text NOT NULL,
	`created_seq` integer NOT NULL,
	`ended_seq` integer
);
--> statement-breakpoint
CREATE INDEX `assignment_by_person` ON `assignment` (`person_id`);--> statement-breakpoint
CREATE INDEX `assignment_by_centre` ON `assignment` (`centre_id`,`office`);--> statement-breakpoint
CREATE INDEX `assignment_by_posting` ON `assignment` (`posting_id`);--> statement-breakpoint
CREATE TABLE `centre` (
	`id` text PRIMARY KEY NOT NULL,
	`parent_id` text,
	`name` text NOT NULL,
	`created_seq` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `counter` (
	`id` text PRIMARY KEY NOT NULL,
	`value` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `decision` (
	`id` text PRIMARY KEY NOT NULL,
	`application_id` text NOT NULL,
	`revision` integer NOT NULL,
	`terms_hash` text NOT NULL,
	`person_id` text NOT NULL,
	`policy_id` text NOT NULL,
	`stage` integer NOT NULL,
	`seat` text NOT NULL,
	`outcome` text NOT NULL,
	`reason_code` text NOT NULL,
	`sealed_reason` blob,
	`step_up_id` text,
	`at` integer NOT NULL,
	`created_seq` integer NOT NULL,
	`withdrawn_seq` integer
);
--> statement-breakpoint
CREATE INDEX `decision_by_application` ON `decision` (`application_id`,`revision`);--> statement-breakpoint
CREATE INDEX `decision_by_person` ON `decision` (`person_id`);--> statement-breakpoint
CREATE TABLE `grant` (
	`id` text PRIMARY KEY NOT NULL,
	`number` text NOT NULL,
	`application_id` text NOT NULL,
	`kind` text NOT NULL,
	`person_id` text NOT NULL,
	`centre_id` text NOT NULL,
	`state` text NOT NULL,
	`end_reason` text,
	`terms_hash` text NOT NULL,
	`duration_ms` integer NOT NULL,
	`not_before` integer,
	`activate_by` integer NOT NULL,
	`absolute_end` integer NOT NULL,
	`started_at` integer,
	`not_after` integer,
	`max_uses` integer,
	`uses` integer NOT NULL,
	`step_up_at_start` integer NOT NULL,
	`chain_links` integer NOT NULL,
	`created_seq` integer NOT NULL,
	`started_seq` integer,
	`changed_seq` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `grant_application` ON `grant` (`application_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `grant_number` ON `grant` (`centre_id`,`number`);--> statement-breakpoint
CREATE INDEX `grant_by_person` ON `grant` (`person_id`,`created_seq`);--> statement-breakpoint
CREATE INDEX `grant_by_centre` ON `grant` (`centre_id`,`state`,`created_seq`);--> statement-breakpoint
CREATE INDEX `grant_due` ON `grant` (`state`,`not_after`);--> statement-breakpoint
CREATE INDEX `grant_unused` ON `grant` (`state`,`activate_by`);--> statement-breakpoint
CREATE TABLE `grant_item` (
	`id` text PRIMARY KEY NOT NULL,
	`grant_id` text NOT NULL,
	`item_id` text NOT NULL,
	`ended_seq` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `grant_item_once` ON `grant_item` (`grant_id`,`item_id`);--> statement-breakpoint
CREATE INDEX `grant_item_by_item` ON `grant_item` (`item_id`);--> statement-breakpoint
CREATE TABLE `idempotency` (
	`id` text PRIMARY KEY NOT NULL,
	`body_hash` text NOT NULL,
	`status` integer NOT NULL,
	`body` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `idempotency_age` ON `idempotency` (`created_at`);--> statement-breakpoint
CREATE TABLE `intake` (
	`id` text PRIMARY KEY NOT NULL,
	`centre_id` text NOT NULL,
	`person_id` text NOT NULL,
	`size` integer NOT NULL,
	`declared_sha256` text NOT NULL,
	`sealed_description` blob NOT NULL,
	`wrapped_dek` blob NOT NULL,
	`object_name` text NOT NULL,
	`state` text NOT NULL,
	`expires_at` integer NOT NULL,
	`created_at` integer NOT NULL,
	`created_seq` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `intake_by_person` ON `intake` (`person_id`,`state`);--> statement-breakpoint
CREATE INDEX `intake_due` ON `intake` (`state`,`expires_at`);--> statement-breakpoint
CREATE TABLE `item` (
	`id` text PRIMARY KEY NOT NULL,
	`centre_id` text NOT NULL,
	`number` text NOT NULL,
	`kind` text NOT NULL,
	`class` text NOT NULL,
	`source` text NOT NULL,
	`place` text NOT NULL,
	`recorded_from` integer,
	`recorded_to` integer,
	`custodian_id` text NOT NULL,
	`state` text NOT NULL,
	`scan` text NOT NULL,
	`media_type` text NOT NULL,
	`claimed_type` text NOT NULL,
	`size` integer NOT NULL,
	`sha256` text NOT NULL,
	`duration_ms` integer,
	`probe` text NOT NULL,
	`sealed_title` blob NOT NULL,
	`object_name` text NOT NULL,
	`wrapped_dek` blob NOT NULL,
	`sealed_manifest` blob NOT NULL,
	`involved` text NOT NULL,
	`version` integer NOT NULL,
	`accepted_at` integer NOT NULL,
	`created_seq` integer NOT NULL,
	`changed_seq` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `item_number` ON `item` (`centre_id`,`number`);--> statement-breakpoint
CREATE INDEX `item_by_number` ON `item` (`number`,`id`);--> statement-breakpoint
CREATE INDEX `item_by_custodian` ON `item` (`custodian_id`);--> statement-breakpoint
CREATE INDEX `item_by_hash` ON `item` (`sha256`);--> statement-breakpoint
CREATE TABLE `log_checkpoint` (
	`size` integer PRIMARY KEY NOT NULL,
	`note` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `log_entry` (
	`seq` integer PRIMARY KEY NOT NULL,
	`bytes` blob NOT NULL,
	`leaf` blob NOT NULL,
	`mac` blob NOT NULL
);
--> statement-breakpoint
CREATE TABLE `log_link` (
	`sid` integer NOT NULL,
	`n` integer NOT NULL,
	`seq` integer NOT NULL,
	PRIMARY KEY(`sid`, `n`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `log_link_by_seq` ON `log_link` (`seq`);--> statement-breakpoint
CREATE TABLE `log_private` (
	`seq` integer NOT NULL,
	`name` text NOT NULL,
	`sealed` blob NOT NULL,
	PRIMARY KEY(`seq`, `name`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `log_stamp` (
	`sha256` blob PRIMARY KEY NOT NULL,
	`size` integer NOT NULL,
	`token` blob NOT NULL
);
--> statement-breakpoint
CREATE TABLE `log_subject` (
	`sid` integer PRIMARY KEY NOT NULL,
	`key` blob NOT NULL,
	`id` text NOT NULL,
	`n` integer NOT NULL,
	`head` blob NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `log_subject_key` ON `log_subject` (`key`);--> statement-breakpoint
CREATE UNIQUE INDEX `log_subject_id` ON `log_subject` (`id`);--> statement-breakpoint
CREATE TABLE `log_tile` (
	`level` integer NOT NULL,
	`idx` integer NOT NULL,
	`hashes` blob NOT NULL,
	PRIMARY KEY(`level`, `idx`)
);
--> statement-breakpoint
CREATE TABLE `offer` (
	`id` text PRIMARY KEY NOT NULL,
	`application_id` text NOT NULL,
	`revision` integer NOT NULL,
	`person_id` text NOT NULL,
	`terms_hash` text NOT NULL,
	`sealed_terms` blob NOT NULL,
	`step_up_id` text,
	`expires_at` integer NOT NULL,
	`state` text NOT NULL,
	`created_seq` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `offer_by_application` ON `offer` (`application_id`);--> statement-breakpoint
CREATE INDEX `offer_due` ON `offer` (`state`,`expires_at`);--> statement-breakpoint
CREATE TABLE `outbox` (
	`id` text PRIMARY KEY NOT NULL,
	`topic` text NOT NULL,
	`recipient_id` text,
	`payload` text NOT NULL,
	`created_at` integer NOT NULL,
	`due_at` integer NOT NULL,
	`attempts` integer NOT NULL,
	`done_at` integer,
	`last_error` text
);
--> statement-breakpoint
CREATE INDEX `outbox_due` ON `outbox` (`done_at`,`due_at`);--> statement-breakpoint
CREATE TABLE `person` (
	`id` text PRIMARY KEY NOT NULL,
	`centre_id` text NOT NULL,
	`name` text NOT NULL,
	`home` text NOT NULL,
	`clearance` text NOT NULL,
	`state` text NOT NULL,
	`epoch` integer NOT NULL,
	`created_seq` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `policy` (
	`id` text PRIMARY KEY NOT NULL,
	`centre_id` text,
	`kind` text NOT NULL,
	`class` text NOT NULL,
	`version` integer NOT NULL,
	`stages` text NOT NULL,
	`duration_default_ms` integer NOT NULL,
	`duration_cap_ms` integer NOT NULL,
	`request_ttl_ms` integer NOT NULL,
	`sla_ms` integer NOT NULL,
	`start_ttl_ms` integer NOT NULL,
	`step_up_at_start` integer NOT NULL,
	`max_uses` integer,
	`created_seq` integer NOT NULL,
	`replaced_seq` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `policy_in_force` ON `policy` (`centre_id`,`kind`,`class`) WHERE replaced_seq is null;--> statement-breakpoint
CREATE UNIQUE INDEX `policy_in_force_everywhere` ON `policy` (`kind`,`class`) WHERE replaced_seq is null and centre_id is null;--> statement-breakpoint
CREATE TABLE `posting` (
	`id` text PRIMARY KEY NOT NULL,
	`person_id` text NOT NULL,
	`centre_id` text NOT NULL,
	`unit_id` text,
	`starts_at` integer NOT NULL,
	`ends_at` integer,
	`created_seq` integer NOT NULL,
	`ended_seq` integer
);
--> statement-breakpoint
CREATE INDEX `posting_by_person` ON `posting` (`person_id`);--> statement-breakpoint
CREATE INDEX `posting_by_centre` ON `posting` (`centre_id`);--> statement-breakpoint
CREATE TABLE `store_probe` (
	`id` text PRIMARY KEY NOT NULL,
	`value` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `revision` (
	`id` text PRIMARY KEY NOT NULL,
	`application_id` text NOT NULL,
	`revision` integer NOT NULL,
	`terms_hash` text NOT NULL,
	`sealed_terms` blob NOT NULL,
	`policies` text NOT NULL,
	`created_seq` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `revision_once` ON `revision` (`application_id`,`revision`);--> statement-breakpoint
CREATE TABLE `session` (
	`id` text PRIMARY KEY NOT NULL,
	`person_id` text NOT NULL,
	`account_id` text NOT NULL,
	`person_epoch` integer NOT NULL,
	`created_at` integer NOT NULL,
	`ends_at` integer NOT NULL,
	`ended_at` integer,
	`end_reason` text,
	`created_seq` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `session_by_person` ON `session` (`person_id`,`ended_at`);--> statement-breakpoint
CREATE TABLE `session_activity` (
	`id` text PRIMARY KEY NOT NULL,
	`last_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `setting` (
	`id` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `sign_in_miss` (
	`name_key` text PRIMARY KEY NOT NULL,
	`misses` integer NOT NULL,
	`last_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `signature` (
	`id` text PRIMARY KEY NOT NULL,
	`person_id` text NOT NULL,
	`version` integer NOT NULL,
	`created_seq` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `signature_once` ON `signature` (`person_id`,`version`);--> statement-breakpoint
CREATE TABLE `step_up` (
	`id` text PRIMARY KEY NOT NULL,
	`session_id` text NOT NULL,
	`person_id` text NOT NULL,
	`act` text NOT NULL,
	`terms_hash` text NOT NULL,
	`made_at` integer NOT NULL,
	`used_seq` integer
);
--> statement-breakpoint
CREATE INDEX `step_up_by_session` ON `step_up` (`session_id`);--> statement-breakpoint
CREATE TABLE `subject_key` (
	`id` text PRIMARY KEY NOT NULL,
	`collection` text NOT NULL,
	`key_index` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `subject_key_leaf` ON `subject_key` (`collection`,`key_index`);--> statement-breakpoint
CREATE TABLE `unit` (
	`id` text PRIMARY KEY NOT NULL,
	`centre_id` text NOT NULL,
	`name` text NOT NULL,
	`created_seq` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `unit_by_centre` ON `unit` (`centre_id`);--> statement-breakpoint
CREATE TABLE `viewing` (
	`id` text PRIMARY KEY NOT NULL,
	`grant_id` text NOT NULL,
	`item_id` text NOT NULL,
	`person_id` text NOT NULL,
	`session_id` text NOT NULL,
	`opened_at` integer NOT NULL,
	`opened_seq` integer NOT NULL,
	`lease_until` integer NOT NULL,
	`ended_at` integer,
	`end_reason` text,
	`seconds_watched` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `viewing_by_grant` ON `viewing` (`grant_id`,`ended_at`);--> statement-breakpoint
CREATE INDEX `viewing_by_session` ON `viewing` (`session_id`,`ended_at`);--> statement-breakpoint
CREATE INDEX `viewing_by_person` ON `viewing` (`person_id`,`ended_at`);--> statement-breakpoint
CREATE INDEX `viewing_by_item` ON `viewing` (`item_id`);