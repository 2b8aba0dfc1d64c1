DROP INDEX `orders_export_state`;--> statement-breakpoint
CREATE INDEX `orders_unwritten` ON `orders` (`ordered_at`,`id`) WHERE "orders"."exported_as" is null or "orders"."exported_as" <> coalesce("orders"."carrier", '') || '|' || "orders"."tracking_number";--> statement-breakpoint
CREATE INDEX `orders_export_state` ON `orders` (`export_state`) WHERE "orders"."export_state" <> 'none';