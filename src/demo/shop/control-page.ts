import type { Controls } from './controls.ts'
import type { Fault, FaultKind } from './faults.ts'
import type { Answer } from './shop.ts'

/** Where the page's forms go. */
export const PAGE_ACTION = 'page'

type Choice = { kind: FaultKind; label: string; on?: Fault['on'] }

/** What people may let the shop do, in the words of somebody who has seen it happen. */
const CHOICES: readonly Choice[] = [
  { kind: 'unavailable', label: 'メンテナンス中（503）' },
  { kind: 'error-html', label: 'サーバーエラーのページ（500）' },
  { kind: 'unauthorized', label: 'APIキーが違うと言う（401）' },
  { kind: 'forbidden-html', label: '防御機能（WAF）が遮断する（403）' },
  { kind: 'too-many', label: 'アクセスが多すぎると言う（429）' },
  { kind: 'never', label: '返事をしない' },
  { kind: 'half-body', label: '返事の途中で切れる' },
  { kind: 'html-200', label: 'APIではなくWebページを返す' },
  { kind: 'ip-block', label: 'IPアドレスを遮断する' },
  { kind: 'broken-json', label: '壊れたデータを返す' },
  { kind: 'reset-after', label: '配送を登録してから、返事をせずに切れる', on: 'shipments.post' },
]

const TIMES = [1, 5, 1_000] as const

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

/** The page on which people make the practice shop misbehave, and see what it was told. */
export function controlPage({ ledger, faults, orders }: Controls): Answer {
  const waiting = faults.waiting().length
  const options = CHOICES.map(({ kind, label }) => `<option value="${kind}">${escaped(label)}</option>`).join('')
  const times = TIMES.map((n) => `<option value="${n}">${n === 1_000 ? 'ずっと' : `${n}回`}</option>`).join('')
  const writes = ledger.writes
    .slice(-10)
    .map(({ kind, orderId }) => `<li>${escaped(kind)} 注文 ${orderId ?? '-'}</li>`)
    .join('')
  const body = `<!DOCTYPE html>
<html lang="ja"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>練習用ショップ</title></head>
<body><h1>練習用ショップ</h1>
<p>注文 ${orders().length}件・届いた書き込み ${ledger.writes.length}件・お客様へのメール ${ledger.mails.length}通</p>
<h2>困らせてみる</h2>
<form method="post" action="${PAGE_ACTION}">
<p><label>これから来る要求に <select name="kind">${options}</select></label> <label>回数 <select name="times">${times}</select></label>
<button name="do" value="fault">始める</button></p></form>
<p>${waiting === 0 ? '今は行儀よく答えます。' : `今は ${waiting}種類の困りごとが起きます。`}</p>
<form method="post" action="${PAGE_ACTION}"><button name="do" value="clear">行儀よく戻す</button></form>
<h2>お客様になってみる</h2>
<form method="post" action="${PAGE_ACTION}"><button name="do" value="order">新しい注文を1件入れる</button></form>
<h2>最近の書き込み</h2>
<ul>${writes || '<li>まだありません</li>'}</ul>
</body></html>
`
  return { status: 200, contentType: 'text/html; charset=utf-8', body }
}

/** Does what a form of the page asks for, and leads back to it. */
export function answerForm({ faults, addOrder }: Controls, body: string): Answer {
  const form = new URLSearchParams(body)
  const choice = CHOICES.find(({ kind }) => kind === form.get('kind'))
  if (form.get('do') === 'clear') faults.clear()
  if (form.get('do') === 'order') addOrder({ status: 'P' })
  if (form.get('do') === 'fault' && choice) {
    faults.add({ kind: choice.kind, on: choice.on ?? 'any', times: Number(form.get('times')) || 1 })
  }
  return { status: 303, contentType: 'text/plain', body: '', headers: { Location: './' } }
}
