/** Script files of CS-Cart and what hangs below them: a root ends before. */
const SCRIPT = /\/[^/]*\.php(?:\/.*)?$/i
/** The API's own address, as people find it in documentation. */
const API = /\/api(?:\/\d+(?:\.\d+)?)?(?:\/.*)?$/i

/** A page of the storefront: never a folder. */
const PAGE = /\/[^/]*\.html?$/i

type Root = { ok: true; url: string } | { ok: false; message: string }

const refused = (message: string): Root => ({ ok: false, message })

/**
 * Brings whatever a merchant pastes to the shop's root: `https://shop.example/sub/admin.php?dispatch=…` becomes
 * `https://shop.example/sub/`. An address without a scheme is taken as https; whether http is allowed is the caller's rule.
 * @returns the root with a slash at its end, or the Japanese message for the field
 */
export function shopRoot(pasted: string): Root {
  const typed = pasted
    .normalize('NFKC')
    .replace(/[\s\p{Cc}\u200b-\u200f\u2060\ufeff]+/gu, '')
    .replace(/^["'<「]+|["'>」]+$/g, '')
  if (typed === '') return refused('URLを入力してください。')
  const address = withScheme(typed)
  if (!/^https?:/i.test(address)) return refused('URLは https:// で始まるアドレスを入力してください。')
  if (address.length > 2000 || !URL.canParse(address))
    return refused('URLの形が正しくありません。https://shop.example.jp/ のように入力してください。')
  const url = new URL(address)
  if (url.username !== '' || url.password !== '') {
    return refused(
      'URLにユーザー名やパスワードを含めないでください。メールアドレスとAPIキーは下の欄に入力してください。',
    )
  }
  if (!isHost(url.hostname, address === typed))
    return refused('URLのホスト名が正しくありません。https://shop.example.jp/ のように入力してください。')
  const path = url.pathname
    .replace(/\/{2,}/g, '/')
    .replace(SCRIPT, '/')
    .replace(PAGE, '/')
    .replace(API, '/')
  return { ok: true, url: `${url.origin}${path.endsWith('/') ? path : `${path}/`}` }
}

/** `shop.example`, `//shop.example` and `https:/shop.example` with the scheme they lack; other schemes as they are. */
function withScheme(typed: string): string {
  const slashed = typed.replaceAll('\\', '/')
  const web = /^(https?):\/*(.*)$/is.exec(slashed)
  if (web) return `${web[1]}://${web[2]}`
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(slashed) || /^(?:javascript|data|mailto|file|ftp|ws|wss):/i.test(slashed))
    return slashed
  return `https://${slashed.replace(/^\/+/, '')}`
}

/** One word alone is a typing mistake more often than a host; behind a typed scheme it is a machine of the same network. */
function isHost(hostname: string, schemeTyped: boolean): boolean {
  if (hostname === 'localhost' || hostname.startsWith('[')) return true
  return (
    (schemeTyped || hostname.includes('.')) &&
    hostname.split('.').every((label, index, all) => label !== '' || index === all.length - 1)
  )
}
