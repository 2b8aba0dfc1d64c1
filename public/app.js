// Comfort only: every page works without it.

// An open menu closes when one clicks elsewhere or presses Escape.
const openMenus = () => document.querySelectorAll('.site-nav details[open]')
document.addEventListener('click', (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false
})
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return
  for (const menu of openMenus()) {
    menu.open = false
    menu.querySelector('summary').focus()
  }
})
