INSERT INTO order_statuses (name, role, position) VALUES
  ('新規受付', 'new', 1),
  ('入金待ち', NULL, 2),
  ('発送準備中', NULL, 3),
  ('処理済み', 'processed', 4),
  ('保留', NULL, 5),
  ('キャンセル', 'cancelled', 6);
