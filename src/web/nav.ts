/** The header's menu: who sees what, and where one is. Items are listed in app.ts, one line a page that works. */
export type NavItem = { label: string; href: string; role?: 'admin' }
export type NavSection = { label: string; href?: string; items?: NavItem[] }

export type ShownItem = { label: string; href: string; current: boolean }
export type ShownSection = { label: string; href?: string; current: boolean; items: ShownItem[] }

const covers = (href: string, path: string) => path === href || (href !== '/' && path.startsWith(`${href}/`))

/**
 * The menu of one page.
 * @param role of whoever looks; 担当者 do not see what only 管理者 may open
 * @param path of the page, without a query; the item with the longest matching address is the current one
 */
export function navFor(sections: readonly NavSection[], role: 'admin' | 'staff', path: string): ShownSection[] {
  const hrefs = sections.flatMap((section) => [section.href, ...(section.items ?? []).map((item) => item.href)])
  const current = hrefs
    .filter((href): href is string => href !== undefined && covers(href, path))
    .sort((a, b) => b.length - a.length)[0]
  return sections
    .map((section) => {
      const items = (section.items ?? [])
        .filter((item) => item.role === undefined || item.role === role)
        .map((item) => ({ label: item.label, href: item.href, current: item.href === current }))
      const isCurrent = (section.href !== undefined && section.href === current) || items.some((item) => item.current)
      return { label: section.label, ...(section.href ? { href: section.href } : {}), current: isCurrent, items }
    })
    .filter((section) => section.href !== undefined || section.items.length > 0)
}
