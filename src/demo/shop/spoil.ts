import { ipBlocked, page, refusal, unauthorized } from './answers.ts'
import type { Firing } from './faults.ts'
import type { Rules } from './profiles.ts'
import type { Answer } from './shop.ts'

/** A PHP notice as it looks in front of a body. */
export function noticeOf(index: string): string {
  return `<br />\n<b>Notice</b>:  Undefined index: ${index} in <b>/var/www/html/app/functions/fn.cart.php</b> on line <b>7041</b><br />\n`
}

/**
 * What a fault makes of an answer, where the fault is in what is said and not in how it travels.
 * @param real the answer that the shop would have given
 */
export function spoil(fault: Firing, real: Answer, rules: Rules, url: string): Answer {
  switch (fault.kind) {
    case 'unauthorized':
      return unauthorized(rules)
    case 'forbidden-html':
      return page(403, '403 Forbidden', 'WAFにより通信が遮断されました。')
    case 'not-found':
      return refusal(rules, 404)
    case 'too-many':
      return page(429, '429 Too Many Requests', '', retryAfter(fault, 1))
    case 'error-html':
      return page(500, 'Service unavailable', 'Sorry, the store is temporarily unavailable.')
    case 'unavailable':
      return page(503, '503 Service Temporarily Unavailable', '', retryAfter(fault, 5))
    case 'html-200':
      return page(200, 'サンプル商店', 'お茶と器の店です。')
    case 'notice-json':
      return { ...real, body: `${noticeOf('tracking_number')}${real.body}` }
    case 'empty-200':
      return { ...real, body: '' }
    case 'redirect':
      return page(302, 'Found', '', { Location: `${url}/admin.php?dispatch=orders.manage` })
    case 'huge-headers':
      return { ...real, headers: { ...real.headers, 'X-Junk': 'x'.repeat(200_000) } }
    case 'ip-block':
      return ipBlocked
    case 'broken-json':
      return { ...real, body: real.body.slice(0, Math.max(1, Math.floor(real.body.length * 0.7))) }
    case 'no-content':
      return { status: 204, contentType: '', body: '' }
    default:
      return real
  }
}

function retryAfter(fault: Firing, seconds: number): Record<string, string> {
  return fault.retryAfter === null ? {} : { 'Retry-After': String(fault.retryAfter ?? seconds) }
}
