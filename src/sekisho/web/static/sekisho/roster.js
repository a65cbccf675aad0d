// The duty roster: a week's shifts on their line, arrow keys from day to day, what a rotation would cover.
(function () {
  "use strict";

  var DAY = 24 * 60;

  // --- a line a day: the page's policy allows no style in the markup ---------------------------------------------

  function place() {
    document.querySelectorAll(".pieces.line").forEach(function (line) {
      line.querySelectorAll("[data-start]").forEach(function (item) {
        var start = Number(item.dataset.start);
        item.style.left = (start / DAY) * 100 + "%";
        item.style.width = ((Number(item.dataset.end) - start) / DAY) * 100 + "%";
      });
      line.classList.add("placed");
    });
  }

  // --- arrow keys go from day to day, page keys to the month before and after --------------------------------------

  var STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

  function move(event) {
    var here = event.target.closest ? event.target.closest("[data-day]") : null;
    if (!here || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "PageUp" || event.key === "PageDown") {
      var link = document.querySelector(event.key === "PageUp" ? "[data-before]" : "[data-after]");
      if (link) link.click();
      event.preventDefault();
      return;
    }
    if (!(event.key in STEPS)) return;
    var days = Array.from(document.querySelectorAll("[data-day]"));
    var next = days[days.indexOf(here) + STEPS[event.key]];
    if (next) next.focus();
    event.preventDefault();
  }

  // --- what a rotation would cover ---------------------------------------------------------------------------------

  function foretell() {
    var form = document.querySelector("form[data-plan]");
    if (!form) return;
    var told = form.querySelector("[data-plan-told]");
    var begin = Date.parse(form.elements.from_at.value + ":00Z"); // a plain clock: Japan has no summer time
    var end = begin + Number(form.elements.hours.value) * Number(form.elements.number.value) * 3600000;
    var words = Number.isFinite(end) && end > begin && end < 8e15
      ? form.dataset.until + ": " + new Date(end).toISOString().slice(0, 16).replace("T", " ")
      : "";
    if (told.textContent !== words) told.textContent = words;
  }

  document.addEventListener("keydown", move);
  document.addEventListener("input", foretell);
  document.addEventListener("sekisho:refreshed", place);
  place();
  foretell();
  var refused = document.querySelector("[data-focus-roster]");
  if (refused) refused.focus();
})();
