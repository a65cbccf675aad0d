// Columns of counts over time, drawn from the table beside them.
(function () {
  "use strict";

  function value(name) {
    return window.getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  function number(cell) {
    return Number(cell.textContent.replace(/[^0-9]/g, ""));
  }

  function when(row) {
    var at = new Date(row.querySelector("time").getAttribute("datetime"));
    return at.toLocaleString("ja-JP", { timeZone: "Asia/Tokyo", month: "numeric", day: "numeric", hour: "numeric", minute: "2-digit" });
  }

  function draw(element) {
    var table = element.parentElement.querySelector("table");
    var heads = Array.from(table.querySelectorAll("th[data-tone]")), rows = Array.from(table.tBodies[0].rows).reverse();
    var ink = value("--ink-soft"), line = value("--rule-line");
    element.hidden = false; // without script the table is enough
    var old = window.echarts.getInstanceByDom(element);
    if (old) old.dispose();
    var chart = window.echarts.init(element, null, { renderer: "svg" });
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: window.getComputedStyle(document.body).fontFamily, color: ink },
      legend: { top: 0, right: 0, itemWidth: 12, itemHeight: 12, textStyle: { color: ink, fontSize: 11 } },
      grid: { left: 4, right: 28, top: 32, bottom: 4, containLabel: true },
      xAxis: { type: "category", data: rows.map(when), axisLabel: { color: ink, fontSize: 11 }, axisLine: { lineStyle: { color: line } }, axisTick: { show: false } },
      yAxis: { type: "value", minInterval: 1, axisLabel: { color: ink, fontSize: 11 }, splitLine: { lineStyle: { color: line } } },
      tooltip: { trigger: "axis", renderMode: "richText" },
      series: heads.map(function (head, index) {
        return {
          name: head.textContent.trim(), type: "bar", stack: "all", barMaxWidth: 26, itemStyle: { color: value("--" + head.dataset.tone + "-line") },
          data: rows.map(function (row) { return number(row.querySelectorAll("td")[index]); }),
        };
      }),
    });
    element._sekisho = chart;
  }

  function drawAll() {
    if (window.echarts) document.querySelectorAll("[data-watch-bars]").forEach(draw);
  }

  document.addEventListener("sekisho:theme", drawAll);
  document.addEventListener("DOMContentLoaded", drawAll);
  window.addEventListener("resize", function () {
    document.querySelectorAll("[data-watch-bars]").forEach(function (element) { if (element._sekisho) element._sekisho.resize(); });
  });
})();
