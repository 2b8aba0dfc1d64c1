// Tabler's dark colours hang on an attribute; it follows the system's setting, before the page is painted.
const dark = matchMedia('(prefers-color-scheme: dark)')
const follow = () => document.documentElement.setAttribute('data-bs-theme', dark.matches ? 'dark' : 'light')
dark.addEventListener('change', follow)
follow()
