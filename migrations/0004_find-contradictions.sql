CREATE TABLE `tracking_numbers` (
	`number` text NOT NULL,
	`order_id` integer NOT NULL,
	`check_digit_wrong` integer NOT NULL,
	`shared` integer DEFAULT false NOT NULL,
	PRIMARY KEY(`number`, `order_id`),
	FOREIGN KEY (`order_id`) REFERENCES `orders`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `tracking_numbers_order` ON `tracking_numbers` (`order_id`);--> statement-breakpoint
CREATE INDEX `tracking_numbers_wrong` ON `tracking_numbers` (`order_id`) WHERE "tracking_numbers"."check_digit_wrong" = 1;--> statement-breakpoint
CREATE INDEX `tracking_numbers_shared` ON `tracking_numbers` (`order_id`) WHERE "tracking_numbers"."shared" = 1;--> statement-breakpoint
CREATE INDEX `orders_attention_unnumbered` ON `orders` (`status_id`,`id`) WHERE "orders"."tracking_number" = '';--> statement-breakpoint
CREATE INDEX `orders_attention_undated` ON `orders` (`id`) WHERE "orders"."tracking_number" <> '' and "orders"."ship_date" is null;--> statement-breakpoint
CREATE INDEX `orders_attention_shipped` ON `orders` (`status_id`,`id`) WHERE "orders"."cs_cart_status" = 'C' and "orders"."export_state" not in ('sent', 'confirmed');