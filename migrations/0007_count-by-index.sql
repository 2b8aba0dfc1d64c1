DROP INDEX `orders_ship_date`;--> statement-breakpoint
DROP INDEX `orders_attention_unnumbered`;--> statement-breakpoint
DROP INDEX `orders_ordered`;--> statement-breakpoint
DROP INDEX `orders_status_ordered`;--> statement-breakpoint
DROP INDEX `orders_attention_cancelled`;--> statement-breakpoint
DROP INDEX `orders_unwritten`;--> statement-breakpoint
CREATE INDEX `orders_unwritten_dated` ON `orders` (`shop_id`,`ship_date`) WHERE "orders"."ship_date" is not null and ("orders"."exported_as" is null or "orders"."exported_as" <> coalesce("orders"."carrier", '') || '|' || "orders"."tracking_number");--> statement-breakpoint
CREATE INDEX `orders_unwritten_undated` ON `orders` (`shop_id`,`ordered_at`,`status_id`,`ship_date`,`cancelled_in_cs_cart_at`,`exported_as`,`carrier`,`tracking_number`) WHERE "orders"."ship_date" is null and "orders"."cancelled_in_cs_cart_at" is null and ("orders"."exported_as" is null or "orders"."exported_as" <> coalesce("orders"."carrier", '') || '|' || "orders"."tracking_number");--> statement-breakpoint
CREATE INDEX `orders_unnumbered` ON `orders` (`status_id`,`cancelled_in_cs_cart_at`,`ordered_at`,`id`) WHERE "orders"."tracking_number" = '';--> statement-breakpoint
CREATE INDEX `orders_ordered` ON `orders` (`ordered_at`,`id`,`cs_cart_status`,`total_cents`);--> statement-breakpoint
CREATE INDEX `orders_status_ordered` ON `orders` (`status_id`,`ordered_at`,`id`,`cancelled_in_cs_cart_at`);--> statement-breakpoint
CREATE INDEX `orders_attention_cancelled` ON `orders` (`shop_id`,`ordered_at`,`status_id`,`id`) WHERE "orders"."cancelled_in_cs_cart_at" is not null;--> statement-breakpoint
CREATE INDEX `orders_unwritten` ON `orders` (`ordered_at`,`id`) WHERE ("orders"."exported_as" is null or "orders"."exported_as" <> coalesce("orders"."carrier", '') || '|' || "orders"."tracking_number");