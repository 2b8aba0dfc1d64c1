// `/` leads to the search box from every page; without JavaScript the menu does.
const searchBox = () => document.getElementById('search')
const isTyping = (element) => element.closest('input, textarea, select, [contenteditable]') !== null

document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
  event.preventDefault()
  const box = searchBox()
  if (!box) {
    location.assign('/orders#search')
    return
  }
  box.focus()
  box.select()
})

if (location.hash === '#search') searchBox()?.focus()
