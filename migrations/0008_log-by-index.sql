DROP INDEX `runs_started`;--> statement-breakpoint
DROP INDEX `runs_shop_kind`;--> statement-breakpoint
CREATE INDEX `runs_started` ON `runs` (`started_at`,`id`,`kind`,`trigger`,`state`,`shop_id`,`last_repeat_at`);--> statement-breakpoint
CREATE INDEX `runs_shop_kind` ON `runs` (`shop_id`,`kind`,`id`,`trigger`);