// The few things that a page does by itself: theme, live regions, filters that submit themselves, copying.
(function () {
  "use strict";

  // --- theme -------------------------------------------------------------------------------------------------

  function toggleTheme() {
    var root = document.documentElement;
    var next = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
    root.setAttribute("data-bs-theme", next);
    try {
      window.localStorage.setItem("sekisho-theme", next);
    } catch (refused) {
      /* the choice then lasts as long as the page */
    }
    document.dispatchEvent(new CustomEvent("sekisho:theme", { detail: next }));
  }

  // --- live regions: what is marked data-live follows the ledger without a reload ------------------------------

  var refreshing = false;
  var again = false;
  var restUntil = 0; // after a failure, no new try for a while

  function refocus(region, focused) {
    if (!focused) return;
    var found = focused.id ? document.getElementById(focused.id) : null;
    if (!found && focused.href) found = region.querySelector('a[href="' + CSS.escape(focused.href) + '"]');
    if (found) found.focus({ preventScroll: true });
  }

  function remembered(region) {
    var active = document.activeElement;
    if (!active || !region.contains(active)) return null;
    return { id: active.id, href: active.getAttribute("href") };
  }

  function unfolded(region) {
    return Array.from(region.querySelectorAll("details[open][id]")).map(function (d) {
      return d.id;
    });
  }

  function replaceRegion(region, fresh) {
    var focused = remembered(region);
    var open = unfolded(region);
    var copy = document.importNode(fresh, true);
    region.replaceWith(copy);
    open.forEach(function (id) {
      var details = document.getElementById(id);
      if (details) details.open = true;
    });
    if (window.htmx) window.htmx.process(copy);
    refocus(copy, focused);
    copy.dispatchEvent(new CustomEvent("sekisho:refreshed", { bubbles: true }));
  }

  function tell() {
    var told = document.getElementById("live-told");
    if (!told) return;
    told.textContent = "";
    window.setTimeout(function () {
      told.textContent = told.dataset.words;
    }, 30);
  }

  function refresh() {
    if (Date.now() < restUntil) return;
    if (refreshing) {
      again = true;
      return;
    }
    refreshing = true;
    fetch(window.location.href, { credentials: "same-origin", headers: { "X-Sekisho-Live": "1" } })
      .then(function (answer) {
        if (answer.redirected || !answer.ok) throw new Error(String(answer.status));
        return answer.text();
      })
      .then(function (text) {
        var page = new DOMParser().parseFromString(text, "text/html");
        document.querySelectorAll("[data-live]").forEach(function (region) {
          var fresh = page.getElementById(region.id);
          if (fresh) replaceRegion(region, fresh);
        });
        var poll = document.getElementById("live");
        var next = page.getElementById("live");
        if (poll && next) replaceRegion(poll, next);
        tell();
      })
      .catch(function () {
        restUntil = Date.now() + 5000; // signed out or offline: a click leads on
      })
      .finally(function () {
        refreshing = false;
        if (again) {
          again = false;
          refresh();
        }
      });
  }

  // A hidden page asks nothing; it catches up when it is looked at.
  document.addEventListener("htmx:beforeRequest", function (event) {
    if ((event.target.id === "live" || event.target.hasAttribute("data-poll")) && document.hidden) event.preventDefault();
  });

  // --- small manners ---------------------------------------------------------------------------------------------

  function submitOnChange(event) {
    var field = event.target;
    if (field.closest && field.closest("form[data-submit-on-change]")) field.form.requestSubmit();
  }

  function copyText(event) {
    var button = event.target.closest ? event.target.closest("[data-copy]") : null;
    if (!button || !navigator.clipboard) return;
    navigator.clipboard.writeText(button.dataset.copy).then(function () {
      button.classList.add("copied");
    });
  }

  document.addEventListener("sekisho:moved", refresh);
  document.addEventListener("change", submitOnChange);
  document.addEventListener("click", function (event) {
    if (event.target.closest && event.target.closest("#theme-switch")) toggleTheme();
    copyText(event);
  });
})();
