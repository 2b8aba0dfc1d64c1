CREATE TABLE `import_failures` (
	`shop_id` integer NOT NULL,
	`cs_cart_order_id` integer NOT NULL,
	`reason` text NOT NULL,
	`detail` text,
	`attempts` integer NOT NULL,
	`failed_at` integer NOT NULL,
	PRIMARY KEY(`shop_id`, `cs_cart_order_id`),
	FOREIGN KEY (`shop_id`) REFERENCES `shops`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
ALTER TABLE `import_baseline` ADD `cs_cart_status` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `import_states` ADD `baseline_letters` text;