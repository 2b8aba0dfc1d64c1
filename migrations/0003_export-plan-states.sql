ALTER TABLE `export_plan_items` ADD `looked` integer DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX `export_plan_items_order` ON `export_plan_items` (`order_id`,`plan_id`);--> statement-breakpoint
ALTER TABLE `export_plans` ADD `state` text DEFAULT 'preparing' NOT NULL;--> statement-breakpoint
ALTER TABLE `export_plans` ADD `reason` text;--> statement-breakpoint
ALTER TABLE `export_plans` ADD `days` integer;