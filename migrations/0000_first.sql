CREATE TABLE `accounts` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`email` text NOT NULL,
	`password_hash` text NOT NULL,
	`role` text NOT NULL,
	`created_at` integer NOT NULL,
	CONSTRAINT "accounts_role" CHECK("accounts"."role" in ('admin', 'staff'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `accounts_email` ON `accounts` (lower("email"));--> statement-breakpoint
CREATE TABLE `contract_entries` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` integer NOT NULL,
	`account_id` integer,
	`event` text NOT NULL,
	`starts_on` text,
	`ends_on` text,
	`contract_number` text DEFAULT '' NOT NULL,
	`note` text DEFAULT '' NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE set null
);
--> statement-breakpoint
CREATE TABLE `export_plan_items` (
	`plan_id` integer NOT NULL,
	`order_id` integer NOT NULL,
	`included` integer NOT NULL,
	`reason` text,
	`planned` text NOT NULL,
	`finished` integer DEFAULT false NOT NULL,
	PRIMARY KEY(`plan_id`, `order_id`),
	FOREIGN KEY (`plan_id`) REFERENCES `export_plans`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`order_id`) REFERENCES `orders`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `export_plans` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`shop_id` integer NOT NULL,
	`created_at` integer NOT NULL,
	`account_id` integer,
	`run_id` integer,
	FOREIGN KEY (`shop_id`) REFERENCES `shops`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE set null
);
--> statement-breakpoint
CREATE TABLE `import_baseline` (
	`shop_id` integer NOT NULL,
	`cs_cart_order_id` integer NOT NULL,
	PRIMARY KEY(`shop_id`, `cs_cart_order_id`),
	FOREIGN KEY (`shop_id`) REFERENCES `shops`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `import_states` (
	`shop_id` integer PRIMARY KEY NOT NULL,
	`updated_watermark` integer,
	`full_check_at` integer,
	`late_scan_at` integer,
	FOREIGN KEY (`shop_id`) REFERENCES `shops`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `order_history` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`order_id` integer NOT NULL,
	`at` integer NOT NULL,
	`event` text NOT NULL,
	`account_id` integer,
	`run_id` integer,
	`changes` text NOT NULL,
	`reason` text,
	FOREIGN KEY (`order_id`) REFERENCES `orders`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE set null
);
--> statement-breakpoint
CREATE INDEX `order_history_order` ON `order_history` (`order_id`,`id`);--> statement-breakpoint
CREATE TABLE `order_lines` (
	`order_id` integer NOT NULL,
	`item_id` text NOT NULL,
	`product_id` text NOT NULL,
	`product_code` text NOT NULL,
	`name` text NOT NULL,
	`options` text NOT NULL,
	`amount` integer NOT NULL,
	`unit_price_cents` integer NOT NULL,
	`subtotal_cents` integer NOT NULL,
	`group_key` integer NOT NULL,
	`downloadable` integer NOT NULL,
	`shipped_amount` integer NOT NULL,
	PRIMARY KEY(`order_id`, `item_id`),
	FOREIGN KEY (`order_id`) REFERENCES `orders`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `order_payloads` (
	`order_id` integer PRIMARY KEY NOT NULL,
	`body` blob NOT NULL,
	`fetched_at` integer NOT NULL,
	FOREIGN KEY (`order_id`) REFERENCES `orders`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `order_statuses` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`name` text NOT NULL,
	`role` text,
	`position` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `order_statuses_name` ON `order_statuses` (`name`);--> statement-breakpoint
CREATE UNIQUE INDEX `order_statuses_role` ON `order_statuses` (`role`) WHERE "order_statuses"."role" is not null;--> statement-breakpoint
CREATE TABLE `orders` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`shop_id` integer NOT NULL,
	`cs_cart_order_id` integer NOT NULL,
	`cs_cart_status` text NOT NULL,
	`ordered_at` integer NOT NULL,
	`cs_cart_updated_at` integer,
	`buyer_name` text NOT NULL,
	`buyer_kana` text NOT NULL,
	`company` text NOT NULL,
	`email` text NOT NULL,
	`phone` text NOT NULL,
	`billing` text NOT NULL,
	`shipping` text NOT NULL,
	`payment_method` text NOT NULL,
	`shipping_method` text NOT NULL,
	`delivery_date` text NOT NULL,
	`delivery_slot` text NOT NULL,
	`customer_notes` text NOT NULL,
	`staff_notes` text NOT NULL,
	`total_cents` integer NOT NULL,
	`subtotal_cents` integer NOT NULL,
	`shipping_cents` integer NOT NULL,
	`discount_cents` integer NOT NULL,
	`surcharge_cents` integer NOT NULL,
	`taxes` text NOT NULL,
	`content_hash` text NOT NULL,
	`cancelled_in_cs_cart_at` integer,
	`changed_in_cs_cart_at` integer,
	`imported_at` integer NOT NULL,
	`status_id` integer NOT NULL,
	`ship_date` text,
	`carrier` text,
	`tracking_number` text DEFAULT '' NOT NULL,
	`memo` text DEFAULT '' NOT NULL,
	`version` integer DEFAULT 1 NOT NULL,
	`export_state` text DEFAULT 'none' NOT NULL,
	`export_reason` text,
	`exported_as` text,
	`exported_at` integer,
	`export_attempts` integer DEFAULT 0 NOT NULL,
	`search_text` text NOT NULL,
	FOREIGN KEY (`shop_id`) REFERENCES `shops`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`status_id`) REFERENCES `order_statuses`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "orders_ship_date_form" CHECK("orders"."ship_date" is null or "orders"."ship_date" glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]')
);
--> statement-breakpoint
CREATE UNIQUE INDEX `orders_shop_order` ON `orders` (`shop_id`,`cs_cart_order_id`);--> statement-breakpoint
CREATE INDEX `orders_ordered` ON `orders` (`ordered_at`,`id`);--> statement-breakpoint
CREATE INDEX `orders_status_ordered` ON `orders` (`status_id`,`ordered_at`,`id`);--> statement-breakpoint
CREATE INDEX `orders_ship_date` ON `orders` (`ship_date`) WHERE "orders"."ship_date" is not null;--> statement-breakpoint
CREATE INDEX `orders_tracking` ON `orders` (`tracking_number`) WHERE "orders"."tracking_number" <> '';--> statement-breakpoint
CREATE INDEX `orders_attention_changed` ON `orders` (`changed_in_cs_cart_at`) WHERE "orders"."changed_in_cs_cart_at" is not null;--> statement-breakpoint
CREATE INDEX `orders_attention_cancelled` ON `orders` (`cancelled_in_cs_cart_at`) WHERE "orders"."cancelled_in_cs_cart_at" is not null;--> statement-breakpoint
CREATE INDEX `orders_export_state` ON `orders` (`export_state`);--> statement-breakpoint
CREATE TABLE `parcels` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`order_id` integer NOT NULL,
	`group_key` integer NOT NULL,
	`state` text NOT NULL,
	`tracking_number` text NOT NULL,
	`carrier_code` text NOT NULL,
	`comment` text NOT NULL,
	`lines` text NOT NULL,
	`shipment_id` integer,
	`run_id` integer NOT NULL,
	`reason` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`order_id`) REFERENCES `orders`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "parcels_shipment" CHECK("parcels"."state" not in ('shipment_written', 'order_status_written', 'confirmed') or "parcels"."shipment_id" is not null)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `parcels_order_group` ON `parcels` (`order_id`,`group_key`);--> statement-breakpoint
CREATE INDEX `parcels_open` ON `parcels` (`state`) WHERE "parcels"."state" in ('intent', 'shipment_written', 'order_status_written');--> statement-breakpoint
CREATE TABLE `run_items` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`run_id` integer NOT NULL,
	`at` integer NOT NULL,
	`outcome` text NOT NULL,
	`count` integer DEFAULT 1 NOT NULL,
	`order_id` integer,
	`cs_cart_order_id` integer,
	`reason` text,
	`detail` text,
	`exchanges` text,
	FOREIGN KEY (`run_id`) REFERENCES `runs`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`order_id`) REFERENCES `orders`(`id`) ON UPDATE no action ON DELETE set null
);
--> statement-breakpoint
CREATE INDEX `run_items_run` ON `run_items` (`run_id`,`id`);--> statement-breakpoint
CREATE INDEX `run_items_order` ON `run_items` (`order_id`);--> statement-breakpoint
CREATE TABLE `runs` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`shop_id` integer NOT NULL,
	`kind` text NOT NULL,
	`trigger` text NOT NULL,
	`state` text NOT NULL,
	`account_id` integer,
	`request` text NOT NULL,
	`started_at` integer NOT NULL,
	`finished_at` integer,
	`dry_run` integer DEFAULT false NOT NULL,
	`cancel_requested` integer DEFAULT false NOT NULL,
	`found` integer,
	`created` integer DEFAULT 0 NOT NULL,
	`changed` integer DEFAULT 0 NOT NULL,
	`unchanged` integer DEFAULT 0 NOT NULL,
	`done` integer DEFAULT 0 NOT NULL,
	`skipped` integer DEFAULT 0 NOT NULL,
	`failed` integer DEFAULT 0 NOT NULL,
	`reason` text,
	`detail` text,
	`repeats` integer DEFAULT 1 NOT NULL,
	`last_repeat_at` integer,
	`continues_run_id` integer,
	FOREIGN KEY (`shop_id`) REFERENCES `shops`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE set null,
	CONSTRAINT "runs_finished" CHECK(("runs"."state" = 'running') = ("runs"."finished_at" is null))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `runs_one_running` ON `runs` (`shop_id`,`kind`) WHERE "runs"."state" = 'running';--> statement-breakpoint
CREATE INDEX `runs_started` ON `runs` (`started_at`,`id`);--> statement-breakpoint
CREATE INDEX `runs_shop_kind_started` ON `runs` (`shop_id`,`kind`,`started_at`);--> statement-breakpoint
CREATE TABLE `sessions` (
	`id_hash` text PRIMARY KEY NOT NULL,
	`account_id` integer,
	`data` text NOT NULL,
	`expires_at` integer NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `sessions_expires` ON `sessions` (`expires_at`);--> statement-breakpoint
CREATE TABLE `shops` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`name` text NOT NULL,
	`base_url` text NOT NULL,
	`api_email` text NOT NULL,
	`api_key_sealed` text NOT NULL,
	`landing_status_id` integer NOT NULL,
	`fetch_statuses` text NOT NULL,
	`fetch_days` integer NOT NULL,
	`auto_import` integer DEFAULT false NOT NULL,
	`auto_import_minutes` integer DEFAULT 10 NOT NULL,
	`auto_export` integer DEFAULT false NOT NULL,
	`auto_export_minutes` integer DEFAULT 10 NOT NULL,
	`export_scope` text DEFAULT 'processed_only' NOT NULL,
	`export_days` integer DEFAULT 1 NOT NULL,
	`notify_customer` integer DEFAULT false NOT NULL,
	`dry_run` integer DEFAULT false NOT NULL,
	`name_order` text DEFAULT 'family_first' NOT NULL,
	`kana_fields` text NOT NULL,
	`carrier_codes` text NOT NULL,
	`requests_at_once` integer DEFAULT 2 NOT NULL,
	`fence_at` integer,
	`capabilities` text NOT NULL,
	`known_statuses` text NOT NULL,
	`connection_state` text DEFAULT 'untested' NOT NULL,
	`connection_reason` text,
	`connection_checked_at` integer,
	`created_at` integer NOT NULL,
	`settings_saved_at` integer NOT NULL,
	FOREIGN KEY (`landing_status_id`) REFERENCES `order_statuses`(`id`) ON UPDATE no action ON DELETE no action
);
