// Bars drawn from the table beside them: the table is the source, and what a reader without sight reads.
// data-bars: the table's id. data-stack: series one upon another. data-lying: bars lie, the first row on top.
(function () {
  "use strict";

  function value(name) {
    return window.getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  function colour(tone) {
    return value("--" + tone + "-line") || value("--" + tone) || value("--still-line");
  }

  function seriesOf(element, table, rows) {
    return Array.from(table.querySelectorAll("th[data-series]")).map(function (head, index) {
      return {
        name: head.textContent.trim(),
        type: "bar",
        stack: element.hasAttribute("data-stack") ? "all" : undefined,
        barMaxWidth: 26,
        itemStyle: { color: colour(head.dataset.series) },
        data: rows.map(function (row) { return Number(row.querySelectorAll("[data-count]")[index].dataset.count); }),
      };
    });
  }

  function short(row) {
    var head = row.querySelector("th");
    return (head.dataset.short || head.textContent).trim();
  }

  function draw(element) {
    var table = document.getElementById(element.dataset.bars);
    if (!table || !window.echarts) return;
    var rows = Array.from(table.querySelectorAll("tr[data-row]"));
    if (element.hasAttribute("data-lying")) { // rows of nothing but zeros stand in the table alone
      rows = rows.filter(function (row) {
        return Array.from(row.querySelectorAll("[data-count]")).some(function (cell) { return Number(cell.dataset.count); });
      });
    }
    var lying = element.hasAttribute("data-lying");
    if (lying) element.style.height = Math.max(10, 4 + rows.length * 2.25) + "rem";
    var ink = value("--ink-soft"), line = value("--rule-line");
    var names = {
      type: "category", data: rows.map(short), inverse: lying, axisTick: { show: false },
      axisLabel: { color: ink, fontSize: 11, hideOverlap: !lying, interval: lying ? 0 : "auto" }, axisLine: { lineStyle: { color: line } },
    };
    var numbers = { type: "value", minInterval: 1, axisLabel: { color: ink, fontSize: 11, hideOverlap: true }, splitLine: { lineStyle: { color: line } } };
    var old = window.echarts.getInstanceByDom(element);
    if (old) old.dispose();
    var chart = window.echarts.init(element, null, { renderer: "svg" });
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: window.getComputedStyle(document.body).fontFamily, color: ink },
      legend: { top: 0, right: 0, itemWidth: 12, itemHeight: 12, textStyle: { color: ink, fontSize: 11 } },
      grid: { left: 4, right: 28, top: 32, bottom: 4, containLabel: true },
      xAxis: lying ? numbers : names,
      yAxis: lying ? names : numbers,
      tooltip: { trigger: "axis", renderMode: "richText", axisPointer: { type: "shadow" } },
      series: seriesOf(element, table, rows),
    });
    element._sekisho = chart;
  }

  function drawAll() {
    document.querySelectorAll("[data-bars]").forEach(draw);
  }

  document.addEventListener("DOMContentLoaded", drawAll);
  document.addEventListener("sekisho:theme", drawAll);
  document.addEventListener("sekisho:refreshed", function (event) {
    event.target.querySelectorAll("[data-bars]").forEach(draw);
  });
  window.addEventListener("resize", function () {
    document.querySelectorAll("[data-bars]").forEach(function (element) {
      if (element._sekisho) element._sekisho.resize();
    });
  });
})();
