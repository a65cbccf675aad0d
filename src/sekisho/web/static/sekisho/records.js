// The pages of records: selecting rows, moving by keys, picking several records, errors that are read first.
(function () {
  "use strict";

  // --- rows are selected, and stay so when the table follows the ledger ----------------------------------------

  var chosen = new Set();

  function boxes(form) {
    return Array.from(form.querySelectorAll('input[name="key"]'));
  }

  function showSelection(form) {
    var all = boxes(form);
    all.forEach(function (box) {
      box.closest("tr").classList.toggle("selected", box.checked);
    });
    var number = all.filter(function (box) { return box.checked; }).length;
    var whole = form.querySelector("[data-select-all]");
    if (whole) {
      whole.checked = number > 0 && number === all.length;
      whole.indeterminate = number > 0 && number < all.length;
    }
    var button = form.querySelector("[data-bulk]");
    if (button) button.disabled = number === 0;
    var count = form.querySelector("[data-count]");
    if (count) {
      count.hidden = number === 0;
      count.textContent = String(number);
    }
  }

  function select(event) {
    var form = event.target.closest ? event.target.closest("form[data-select]") : null;
    if (!form) return;
    if (event.target.matches("[data-select-all]")) {
      boxes(form).forEach(function (box) { box.checked = event.target.checked; });
    }
    chosen = new Set(boxes(form).filter(function (b) { return b.checked; }).map(function (b) { return b.value; }));
    showSelection(form);
  }

  function restore(form) {
    boxes(form).forEach(function (box) { box.checked = box.checked || chosen.has(box.value); });
    showSelection(form);
  }

  // --- j and k go from row to row, Enter opens ------------------------------------------------------------------

  function move(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || (event.key !== "j" && event.key !== "k")) return;
    if (event.target.closest && event.target.closest("input, select, textarea")) return;
    var rows = Array.from(document.querySelectorAll("[data-row]"));
    if (!rows.length) return;
    var at = rows.indexOf(document.activeElement);
    var next = rows[Math.min(Math.max(at + (event.key === "j" ? 1 : -1), 0), rows.length - 1)];
    next.focus();
    event.preventDefault();
  }

  // --- several records: a list of chips instead of keys between semicolons --------------------------------------

  function keysOf(area) {
    return area.value.split(/[;；\n]/).map(function (k) { return k.trim(); }).filter(Boolean);
  }

  function pickMany(box) {
    var area = box.querySelector("textarea");
    var list = box.querySelector(".picked-many");
    var picker = box.querySelector('input[list]');
    var titles = {};
    list.querySelectorAll("li").forEach(function (item) { titles[item.dataset.key] = item.textContent; });

    function show() {
      list.replaceChildren();
      keysOf(area).forEach(function (key) {
        var item = document.createElement("li");
        item.dataset.key = key;
        item.append(titles[key] || key);
        var button = document.createElement("button");
        button.type = "button";
        button.textContent = "×";
        button.setAttribute("aria-label", (titles[key] || key) + " " + box.dataset.remove);
        button.addEventListener("click", function () {
          area.value = keysOf(area).filter(function (k) { return k !== key; }).join("; ");
          show();
          picker.focus();
        });
        item.append(button);
        list.append(item);
      });
    }

    function add() {
      var found = Array.from(picker.list.options).find(function (o) { return o.value === picker.value; });
      if (!found) return;
      titles[found.value] = found.textContent;
      var keys = keysOf(area);
      if (keys.indexOf(found.value) < 0) area.value = keys.concat(found.value).join("; ");
      picker.value = "";
      show();
    }

    area.hidden = true;
    picker.hidden = false;
    box.closest(".form-row").querySelector("label").htmlFor = picker.id;
    picker.addEventListener("input", add);
    picker.addEventListener("change", add);
    picker.addEventListener("keydown", function (event) {
      if (event.key === "Enter") {
        event.preventDefault();
        add();
      }
    });
    show();
  }

  // --- what was typed is not lost by a slip ---------------------------------------------------------------------

  function guard(form) {
    var touched = false;
    form.addEventListener("input", function () { touched = true; });
    form.addEventListener("submit", function () { touched = false; });
    window.addEventListener("beforeunload", function (event) {
      if (touched) event.preventDefault();
    });
  }

  document.addEventListener("change", select);
  document.addEventListener("keydown", move);
  document.addEventListener("sekisho:refreshed", function (event) {
    if (event.target.matches && event.target.matches("form[data-select]")) restore(event.target);
  });
  document.querySelectorAll("form[data-select]").forEach(restore);
  document.querySelectorAll("[data-many]").forEach(pickMany);
  document.querySelectorAll("form[data-guard]").forEach(guard);
  var first = document.querySelector("[data-focus]");
  if (first) first.focus();
})();
