// Charts of verdicts over time, drawn from the table beside them: the table is the source, and what a reader without sight reads.
(function () {
  "use strict";

  var ORDER = ["falls_short", "no_evidence", "met_by_exception", "met", "not_applicable"];
  var VARIABLES = {
    falls_short: "--bad-line",
    no_evidence: "--blank-line",
    met_by_exception: "--spared-line",
    met: "--good-line",
    not_applicable: "--still-line",
    definition: "--still-line",
  };

  function value(name) {
    return window.getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  function colour(verdict) {
    return value(VARIABLES[verdict] || "--still-line");
  }

  function frame() {
    var ink = value("--ink-soft");
    var line = value("--rule-line");
    return {
      animation: false,
      textStyle: { fontFamily: window.getComputedStyle(document.body).fontFamily, color: ink },
      axisLabel: { color: ink, fontSize: 11 },
      axisLine: { lineStyle: { color: line } },
      splitLine: { lineStyle: { color: line } },
    };
  }

  function month(day) {
    return day.slice(0, 7).replace("-", "/");
  }

  function draw(element, option) {
    var old = window.echarts.getInstanceByDom(element);
    if (old) old.dispose();
    var chart = window.echarts.init(element, null, { renderer: "svg" });
    chart.setOption(option);
    element._sekisho = chart;
  }

  // One clause: a step a month.
  function drawVerdicts(element) {
    var rows = Array.from(element.parentElement.querySelectorAll("tr[data-verdict]")).reverse();
    if (!rows.length) return;
    var present = ORDER.filter(function (v) {
      return rows.some(function (row) { return row.dataset.verdict === v; });
    }).reverse();
    var words = {};
    rows.forEach(function (row) { words[row.dataset.verdict] = row.querySelector(".verdict").textContent.trim(); });
    var base = frame();
    draw(element, {
      animation: base.animation,
      textStyle: base.textStyle,
      grid: { left: 4, right: 28, top: 8, bottom: 4, containLabel: true },
      xAxis: { type: "category", data: rows.map(function (r) { return month(r.dataset.point); }), axisLabel: base.axisLabel, axisLine: base.axisLine, axisTick: { show: false } },
      yAxis: { type: "category", data: present.map(function (v) { return words[v]; }), axisLabel: base.axisLabel, axisLine: { show: false }, axisTick: { show: false }, splitLine: { show: true, lineStyle: base.splitLine.lineStyle } },
      tooltip: { trigger: "axis", renderMode: "richText" },
      series: [{
        type: "line", step: "middle", symbol: "circle", symbolSize: 8, showAllSymbol: true,
        lineStyle: { color: value("--still-line"), width: 1.5 },
        data: rows.map(function (r) { return { value: words[r.dataset.verdict], itemStyle: { color: colour(r.dataset.verdict) } }; }),
      }],
    });
  }

  // All obligations: a stack a month.
  function drawCounts(element) {
    var table = element.parentElement.querySelector("table");
    if (!table) return;
    var heads = Array.from(table.querySelectorAll("th[data-series]"));
    var rows = Array.from(table.querySelectorAll("tr[data-day]"));
    var base = frame();
    var series = heads.map(function (head, index) {
      return {
        name: head.textContent.trim(), type: "bar", stack: "all", barMaxWidth: 26,
        itemStyle: { color: colour(head.dataset.series) },
        data: rows.map(function (row) { return Number(row.querySelectorAll("[data-count]")[index].dataset.count); }),
      };
    }).filter(function (s) { return s.data.some(Boolean); }).reverse();
    draw(element, {
      animation: base.animation,
      textStyle: base.textStyle,
      legend: { top: 0, right: 0, itemWidth: 12, itemHeight: 12, textStyle: { color: base.axisLabel.color, fontSize: 11 } },
      grid: { left: 4, right: 28, top: 32, bottom: 4, containLabel: true },
      xAxis: { type: "category", data: rows.map(function (r) { return month(r.dataset.day); }), axisLabel: base.axisLabel, axisLine: base.axisLine, axisTick: { show: false } },
      yAxis: { type: "value", minInterval: 1, axisLabel: base.axisLabel, splitLine: base.splitLine },
      tooltip: { trigger: "axis", renderMode: "richText" },
      series: series,
    });
  }

  function drawAll() {
    if (!window.echarts) return;
    document.querySelectorAll("[data-trend]").forEach(drawVerdicts);
    document.querySelectorAll("[data-counts]").forEach(drawCounts);
  }

  document.addEventListener("htmx:afterSettle", drawAll);
  document.addEventListener("sekisho:theme", drawAll);
  document.addEventListener("DOMContentLoaded", drawAll);
  window.addEventListener("resize", function () {
    document.querySelectorAll("[data-trend], [data-counts]").forEach(function (element) {
      if (element._sekisho) element._sekisho.resize();
    });
  });
})();
