// A world map of the places of a story, numbered and joined in order. The table beside it says the same.
(function () {
  "use strict";

  var TONES = { allow: "--good-line", step_up: "--blank-line", hold: "--mild-line", block: "--bad-line" };
  var LEAST = 30; // degrees that the map shows at least

  function value(name) {
    return window.getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  function bounds(places) {
    var lons = places.map(function (p) { return p.lon; }), lats = places.map(function (p) { return p.lat; });
    var west = Math.min.apply(null, lons), east = Math.max.apply(null, lons);
    var south = Math.min.apply(null, lats), north = Math.max.apply(null, lats);
    var wide = Math.max(east - west, LEAST) * 0.65, high = Math.max(north - south, LEAST / 2) * 0.75;
    var x = (west + east) / 2, y = (south + north) / 2;
    return [[Math.max(-180, x - wide), Math.min(84, y + high)], [Math.min(180, x + wide), Math.max(-60, y - high)]];
  }

  function escaped(text) { // echarts' rich text has no markup, but braces of its own
    return String(text).replace(/[{}|]/g, " ");
  }

  function option(drawn) {
    var ink = value("--ink-strong"), places = drawn.points, lines = drawn.way.slice(1).map(function (to, index) {
      var from = places[drawn.way[index]];
      return { coords: [[from.lon, from.lat], [places[to].lon, places[to].lat]] };
    });
    return {
      animation: false,
      textStyle: { fontFamily: window.getComputedStyle(document.body).fontFamily, color: ink },
      tooltip: { trigger: "item", renderMode: "richText", formatter: function (item) {
        var place = item.data.place;
        return place ? place.numbers.join(", ") + "  " + escaped(place.country) + "  " + escaped(place.word) + "  × " + place.events : "";
      } },
      geo: {
        map: "sekisho-world", roam: "move", boundingCoords: bounds(places), silent: true, left: 0, right: 0, top: 0, bottom: 0,
        itemStyle: { areaColor: value("--rule-line"), borderColor: value("--card"), borderWidth: 0.75 },
      },
      series: [
        { type: "lines", coordinateSystem: "geo", silent: true, data: lines, symbol: ["none", "arrow"], symbolSize: 9,
          lineStyle: { color: value("--ink-soft"), width: 1.5, opacity: 0.75, curveness: 0.15, type: "dashed" } },
        { type: "scatter", coordinateSystem: "geo", symbol: "roundRect",
          symbolSize: function (_, item) { return [Math.max(24, 10 + 8 * named(item.data.place).length), 24]; },
          label: { show: true, formatter: function (item) { return named(item.data.place); }, color: value("--card"), fontSize: 12, fontWeight: "bold" },
          data: places.map(function (place) {
            return { value: [place.lon, place.lat], place: place, itemStyle: { borderRadius: 12, color: value(TONES[place.action] || "--still-line"), borderColor: value("--card"), borderWidth: 2 } };
          }) },
      ],
    };
  }

  function named(place) { // as many numbers as fit
    return place.numbers.slice(0, 4).join(",") + (place.numbers.length > 4 ? "…" : "");
  }

  function draw(element, drawn) {
    var old = window.echarts.getInstanceByDom(element);
    if (old) old.dispose();
    var chart = window.echarts.init(element, null, { renderer: "svg" });
    chart.setOption(option(drawn));
    element._sekisho = chart;
  }

  function start() {
    var element = document.querySelector("[data-world]"), data = document.getElementById("watch-map-data");
    if (!element || !data || !window.echarts || !window.topojson) return;
    var drawn = JSON.parse(data.textContent);
    window.fetch(element.dataset.world).then(function (answer) { return answer.json(); }).then(function (topology) {
      var world = window.topojson.feature(topology, topology.objects.countries);
      window.echarts.registerMap("sekisho-world", world);
      element.parentElement.hidden = false;
      draw(element, drawn);
      document.addEventListener("sekisho:theme", function () { draw(element, drawn); });
      window.addEventListener("resize", function () { element._sekisho.resize(); });
      element.parentElement.querySelectorAll("[data-zoom]").forEach(function (button) {
        button.addEventListener("click", function () {
          var zoom = (element._sekisho.getOption().geo[0].zoom || 1) * Number(button.dataset.zoom);
          element._sekisho.setOption({ geo: { zoom: Math.min(40, Math.max(0.5, zoom)) } });
        });
      });
    });
  }

  document.addEventListener("DOMContentLoaded", start);
})();
