// Account pages: copy a secret that is shown once; say so when a passkey did not work.
(function () {
  "use strict"

  document.addEventListener("click", async function (event) {
    const button = event.target.closest("[data-copies]")
    if (!button) return
    const source = document.getElementById(button.dataset.copies)
    const items = source.querySelectorAll("li")
    const text = items.length ? Array.from(items, (item) => item.textContent.trim()).join("\n") : source.textContent.trim()
    try {
      await navigator.clipboard.writeText(text)
      button.textContent = button.dataset.done
    } catch {
      const range = document.createRange()
      range.selectNodeContents(source)
      getSelection().removeAllRanges()
      getSelection().addRange(range)
    }
  })

  document.addEventListener("allauth.error", function (event) {
    const told = document.getElementById("passkey-problem")
    if (!told) return
    event.preventDefault()
    told.hidden = false
  })
})()
