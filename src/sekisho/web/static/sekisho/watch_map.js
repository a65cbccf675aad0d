// A world map of the places of a story, numbered and joined in order. The table beside it says the same.
(function () {
  "use strict";

  var TONES = { allow: "--good-line", step_up: "--blank-line", hold: "--mild-line", block: "--bad-line" };
  var LEAST = 30; // degrees that the map shows at least
  var ATLANTIC = -30; // degrees: where a map is cut that has the Pacific in its middle
  var FLAT = 0.75; // how wide a degree of longitude is drawn beside one of latitude

  function value(name) {
    return window.getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  // The part of the world with all places in it, as wide and as high as the picture: nothing is stretched.
  function bounds(places, ratio) {
    var lons = places.map(function (p) { return p.lon; }), lats = places.map(function (p) { return p.lat; });
    var west = Math.min.apply(null, lons), east = Math.max.apply(null, lons);
    var south = Math.min.apply(null, lats), north = Math.max.apply(null, lats);
    var wide = Math.max(east - west, LEAST) * 1.3, high = Math.max(north - south, LEAST / 2) * 1.5;
    if (wide * FLAT < high * ratio) wide = high * ratio / FLAT;
    else high = wide * FLAT / ratio;
    var x = (west + east) / 2, y = (south + north) / 2;
    return [[x - wide / 2, y + high / 2], [x + wide / 2, y - high / 2]];
  }

  function escaped(text) { // echarts' rich text has no markup, but braces of its own
    return String(text).replace(/[{}|]/g, " ");
  }

  function option(drawn, ratio) {
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
        map: "sekisho-world", roam: "move", boundingCoords: bounds(places, ratio), silent: true, left: 0, right: 0, top: 0, bottom: 0,
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
    chart.setOption(option(drawn, element.clientWidth / element.clientHeight));
    element._sekisho = chart;
  }

  function span(lons) {
    return Math.max.apply(null, lons) - Math.min.apply(null, lons);
  }

  function beyond(lon) { // seen from Japan, America lies to the east
    return lon < ATLANTIC ? lon + 360 : lon;
  }

  // Land that reaches over the date line goes on beyond it, instead of all the way back round the world. `pacific`:
  // America is drawn in the east.
  function mended(world, pacific) {
    world.features = world.features.filter(function (country) { return country.id !== "010"; }); // no Antarctica
    world.features.forEach(function (country) {
      var shape = country.geometry, polygons = shape.type === "Polygon" ? [shape.coordinates] : shape.coordinates;
      polygons.forEach(function (rings) {
        rings.forEach(function (ring) {
          var crosses = ring.some(function (point, n) { return n > 0 && Math.abs(point[0] - ring[n - 1][0]) > 180; });
          var middle = ring.reduce(function (sum, point) { return sum + point[0]; }, 0) / ring.length;
          if (crosses) ring.forEach(function (point) { if (point[0] < 0) point[0] += 360; });
          else if (pacific && middle < ATLANTIC) ring.forEach(function (point) { point[0] += 360; });
        });
      });
    });
    return world;
  }

  function start() {
    var element = document.querySelector("[data-world]"), data = document.getElementById("watch-map-data");
    if (!element || !data || !window.echarts || !window.topojson) return;
    var drawn = JSON.parse(data.textContent);
    window.fetch(element.dataset.world).then(function (answer) { return answer.json(); }).then(function (topology) {
      var lons = drawn.points.map(function (point) { return point.lon; });
      var pacific = span(lons.map(beyond)) < span(lons);
      if (pacific) drawn.points.forEach(function (point) { point.lon = beyond(point.lon); });
      var world = window.topojson.feature(topology, topology.objects.countries);
      window.echarts.registerMap("sekisho-world", mended(world, pacific));
      element.parentElement.hidden = false;
      draw(element, drawn);
      document.addEventListener("sekisho:theme", function () { draw(element, drawn); });
      window.addEventListener("resize", function () { draw(element, drawn); });
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
