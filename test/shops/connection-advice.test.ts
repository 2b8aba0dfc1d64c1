import { expect, test } from 'vitest'
import { adviceOnRedirect } from '../../src/shops/connection-advice.ts'

test.each([
  ['http://shop.example/', 'https://shop.example/api/2.0/version?sl=ja', 'https://shop.example/'],
  ['https://shop.example/', 'https://www.shop.example/api/2.0/version', 'https://www.shop.example/'],
  ['https://www.shop.example/', 'https://shop.example/api/2.0/version', 'https://shop.example/'],
  ['https://shop.example/', '/shop/api/2.0/version', 'https://shop.example/shop/'],
])('%s that leads to %s is to be typed as %s', (baseUrl, target, wanted) => {
  expect(adviceOnRedirect(baseUrl, target)).toContain(`「URL」を ${wanted} に変えて`)
})

test('a stranger is named, not recommended', () => {
  const advice = adviceOnRedirect('https://shop.example/', 'https://elsewhere.example/x')
  expect(advice).toContain('転送先は https://elsewhere.example/x です')
  expect(advice).not.toContain('変えて')
})

test('a redirect to itself or to nowhere gives the general advice', () => {
  expect(adviceOnRedirect('https://shop.example/', '/admin.php')).not.toContain('変えて')
  expect(adviceOnRedirect('https://shop.example/', '')).toContain('「URL」に入力してください')
})
