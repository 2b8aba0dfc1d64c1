DROP INDEX `runs_shop_kind_started`;--> statement-breakpoint
CREATE INDEX `runs_shop_kind` ON `runs` (`shop_id`,`kind`,`id`);