DROP INDEX `accounts_email`;--> statement-breakpoint
ALTER TABLE `accounts` ADD `deleted_at` integer;--> statement-breakpoint
CREATE UNIQUE INDEX `accounts_email` ON `accounts` (lower("email")) WHERE "accounts"."deleted_at" is null;