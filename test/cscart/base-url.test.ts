import { expect, test } from 'vitest'
import { shopRoot } from '../../src/cscart/base-url.ts'

const ROOTS: readonly [string, string][] = [
  ['https://shop.example', 'https://shop.example/'],
  ['https://shop.example/', 'https://shop.example/'],
  ['https://shop.example/sub', 'https://shop.example/sub/'],
  ['https://shop.example/sub/', 'https://shop.example/sub/'],
  ['https://shop.example/sub//deeper///', 'https://shop.example/sub/deeper/'],
  ['https://shop.example/admin.php', 'https://shop.example/'],
  ['https://shop.example/sub/admin.php?dispatch=orders.manage&status=P', 'https://shop.example/sub/'],
  ['https://shop.example/a1b2c3.php?dispatch=auth.login_form&return_url=admin.php%3Fdispatch', 'https://shop.example/'],
  ['https://shop.example/sub/vendor.php', 'https://shop.example/sub/'],
  ['https://shop.example/index.php?dispatch=products.view&product_id=1', 'https://shop.example/'],
  ['https://shop.example/index.php/foo/bar', 'https://shop.example/'],
  ['https://shop.example/ADMIN.PHP', 'https://shop.example/'],
  ['https://shop.example/sub/api.php?_d=orders/123&page=2', 'https://shop.example/sub/'],
  ['https://shop.example/api', 'https://shop.example/'],
  ['https://shop.example/api/', 'https://shop.example/'],
  ['https://shop.example/api/2.0/orders/123?sl=ja', 'https://shop.example/'],
  ['https://shop.example/sub/api/orders', 'https://shop.example/sub/'],
  ['https://shop.example/api-shop/', 'https://shop.example/api-shop/'],
  ['https://shop.example/index.html', 'https://shop.example/'],
  ['https://shop.example/tea-100.html#reviews', 'https://shop.example/'],
  ['https://shop.example/#top', 'https://shop.example/'],
  ['https://shop.example?sl=ja', 'https://shop.example/'],
  ['shop.example', 'https://shop.example/'],
  ['shop.example/sub/admin.php', 'https://shop.example/sub/'],
  ['//shop.example/admin.php', 'https://shop.example/'],
  ['shop.example:8443/admin.php', 'https://shop.example:8443/'],
  ['  https://shop.example/ \n', 'https://shop.example/'],
  ['　https://shop.example/　', 'https://shop.example/'],
  ['https://shop .example/ admin.php', 'https://shop.example/'],
  ['ｈｔｔｐｓ：／／ｓｈｏｐ．ｅｘａｍｐｌｅ／ａｄｍｉｎ．ｐｈｐ', 'https://shop.example/'],
  ['HTTPS://SHOP.Example/Sub/', 'https://shop.example/Sub/'],
  ['https:/shop.example/', 'https://shop.example/'],
  ['https:\\\\shop.example\\sub\\', 'https://shop.example/sub/'],
  ['"https://shop.example/"', 'https://shop.example/'],
  ['<https://shop.example/>', 'https://shop.example/'],
  ['\ufeffhttps://shop.example\u200b/', 'https://shop.example/'],
  ['https://shop.example:443/', 'https://shop.example/'],
  ['https://shop.example:8080/', 'https://shop.example:8080/'],
  ['http://shop.example/', 'http://shop.example/'],
  ['http://shop:8080/', 'http://shop:8080/'],
  ['http://127.0.0.1:4000/shop', 'http://127.0.0.1:4000/shop/'],
  ['http://[::1]:4000', 'http://[::1]:4000/'],
  ['localhost:8080', 'https://localhost:8080/'],
  ['https://ドメイン名例.jp/', 'https://xn--eckwd4c7cu47r2wf.jp/'],
  ['https://shop。example/', 'https://shop.example/'],
]

test.each(ROOTS)('%j is brought to the shop root', (pasted, url) => {
  expect(shopRoot(pasted)).toEqual({ ok: true, url })
})

test.each(ROOTS)('the root of %j is its own root', (_pasted, url) => {
  expect(shopRoot(url)).toEqual({ ok: true, url })
})

test.each([
  ['', 'URLを入力してください'],
  ['　 ', 'URLを入力してください'],
  ['ftp://shop.example/', 'https://'],
  ['file:///etc/passwd', 'https://'],
  ['javascript:alert(1)', 'https://'],
  ['mailto:api@shop.example', 'https://'],
  ['https://', '正しくありません'],
  ['https://shop.example:99999/', '正しくありません'],
  ['https://sh%op.example/', '正しくありません'],
  ['https://shop..example/', '正しくありません'],
  ['店', '正しくありません'],
  ['shop', '正しくありません'],
  [`https://shop.example/${'a'.repeat(2000)}`, '正しくありません'],
  ['https://api%40shop.example:KEY@shop.example/', 'ユーザー名やパスワード'],
  ['https://user@shop.example/', 'ユーザー名やパスワード'],
  ['api@shop.example', 'ユーザー名やパスワード'],
])('%.60s is refused in Japanese', (pasted, words) => {
  const root = shopRoot(pasted)
  expect(root).toMatchObject({ ok: false, message: expect.stringContaining(words) })
})
