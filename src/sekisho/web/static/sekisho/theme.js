// Runs before the page is painted, so that a dark page never flashes white.
(function () {
  "use strict";
  var kept = null;
  try {
    kept = window.localStorage.getItem("sekisho-theme");
  } catch (refused) {
    kept = null;
  }
  var dark = kept ? kept === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.setAttribute("data-bs-theme", dark ? "dark" : "light");
})();
