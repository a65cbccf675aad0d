// The graph of chains on a canvas, its panel, and arrow keys in the nested list. The list and the table say the same.
(function () {
  "use strict";

  var WIDTH = 176, HEIGHT = 68, BESIDE = 16, AHEAD = 40; // px of a node, and between nodes
  var TALLEST = 760, LEAST_ZOOM = 0.5, READABLE = 0.65;
  var graph = null;
  var drawn = ""; // the data that is drawn: a ledger line that changes none of it leaves the picture alone

  // --- colours: those of the theme -------------------------------------------------------------------------------

  function colour(name) {
    return window.getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  var TONES = {
    falls_short: "bad", mild: "mild", no_evidence: "blank", met_by_exception: "spared",
    stops: "bad", degraded: "mild", unknown: "blank",
  };

  function toned(selector, tone, prefix) {
    return {
      selector: selector,
      style: {
        "background-color": colour("--" + tone + "-soft"),
        "border-color": colour("--" + tone + "-line"),
        "border-style": tone === "blank" ? "dashed" : "solid",
        "border-width": 2.5,
        color: colour("--" + tone),
      },
    };
  }

  function look() {
    var ink = colour("--ink"), line = colour("--still-line"), family = window.getComputedStyle(document.body).fontFamily;
    var rules = [
      { selector: "node", style: {
        shape: "round-rectangle", width: WIDTH, height: HEIGHT, "background-color": colour("--card"),
        "border-width": 1.5, "border-color": line, label: "data(label)", color: ink, "font-family": family,
        "font-size": 13, "line-height": 1.25, "text-valign": "center", "text-halign": "center", "text-wrap": "wrap",
        "text-max-width": WIDTH - 12, "text-overflow-wrap": "anywhere", "overlay-color": colour("--brand"),
      } },
      { selector: 'node[kind = "system"], node[kind = "unit"]', style: { "background-color": colour("--brand-soft"), "border-color": colour("--brand") } },
      { selector: 'node[kind = "country"], node[kind = "location"]', style: { shape: "ellipse" } },
      { selector: 'node[kind = "country"]', style: { width: 76, height: 44, "background-color": colour("--still-soft") } },
      { selector: 'node[kind = "unknown"]', style: { shape: "octagon", "border-style": "dashed", "border-width": 3, "border-color": colour("--ink-soft") } },
      { selector: "edge", style: {
        width: 1.5, "line-color": line, "target-arrow-color": line, "target-arrow-shape": "triangle",
        "arrow-scale": 0.9, "curve-style": "bezier",
      } },
      { selector: "edge[?seat]", style: { width: 1, "line-style": "dotted", "target-arrow-shape": "none" } },
      { selector: "edge[?loose]", style: { "line-style": "dashed" } },
      { selector: "edge[?plain]", style: { "target-arrow-shape": "none" } },
      { selector: "edge[?beside]", style: { // within a column: round the nodes that stand between
        "curve-style": "unbundled-bezier", "control-point-distances": WIDTH * 0.75, "control-point-weights": 0.5,
      } },
    ];
    ["falls_short", "mild", "no_evidence", "met_by_exception"].forEach(function (tone) {
      rules.push(toned('node[tone = "' + tone + '"]', TONES[tone]));
      var edge = colour("--" + TONES[tone] + "-line");
      rules.push({ selector: 'edge[tone = "' + tone + '"]', style: { "line-color": edge, "target-arrow-color": edge, width: 2.5 } });
    });
    ["stops", "degraded", "unknown"].forEach(function (effect) {
      rules.push(toned('node[effect = "' + effect + '"]', TONES[effect]));
    });
    rules.push({ selector: 'node[kind = "unknown"][tone != ""]', style: { "border-style": "dashed", "border-width": 3 } });
    rules.push({ selector: "node[?cause]", style: { "border-width": 4, "border-color": colour("--ink-strong"), "font-weight": "bold" } });
    rules.push({ selector: "node[?outside]", style: { "background-color": colour("--card"), "border-style": "dotted" } });
    rules.push({ selector: "node[?critical]", style: { "border-width": 4.5 } });
    rules.push({ selector: "node:selected", style: { "border-width": 4, "border-color": colour("--focus") } });
    rules.push({ selector: ".aside", style: { opacity: 0.3 } });
    return rules;
  }

  // --- places: a column for each layer, in it the order in which the fewest lines cross --------------------------

  function neighbours(data) {
    var found = {};
    data.edges.forEach(function (edge) {
      (found[edge.source] = found[edge.source] || []).push(edge.target);
      (found[edge.target] = found[edge.target] || []).push(edge.source);
    });
    return found;
  }

  function layersOf(data) {
    var layers = [];
    data.nodes.forEach(function (node) { (layers[node.layer] = layers[node.layer] || []).push(node.id); });
    return layers.filter(Boolean);
  }

  function sweep(layer, at, near) {
    var middle = {};
    layer.forEach(function (id) {
      var all = (near[id] || []).map(function (other) { return at[other]; });
      middle[id] = all.length ? all.reduce(function (a, b) { return a + b; }, 0) / all.length : at[id];
    });
    layer.sort(function (a, b) { return middle[a] - middle[b] || (a < b ? -1 : 1); });
    spread(layer, at);
  }

  function spread(layer, at) {
    layer.forEach(function (id, index) { at[id] = index - (layer.length - 1) / 2; });
  }

  // As large as it can be drawn in the width there is: from left to right, or from top to bottom.
  function runsDown(layers, width) {
    var most = Math.max.apply(null, layers.map(function (layer) { return layer.length; }));
    var across = Math.min(1, width / (layers.length * (WIDTH + AHEAD)), TALLEST / (most * (HEIGHT + BESIDE)));
    var down = Math.min(1, width / (most * (WIDTH + BESIDE)), TALLEST / (layers.length * (HEIGHT + AHEAD)));
    return down > across;
  }

  function places(data, width) {
    var layers = layersOf(data), near = neighbours(data), at = {}, found = {};
    var down = runsDown(layers, width);
    layers.forEach(function (layer) { spread(layer, at); });
    for (var round = 0; round < 8; round += 1) {
      layers.forEach(function (layer) { sweep(layer, at, near); });
      layers.slice().reverse().forEach(function (layer) { sweep(layer, at, near); });
    }
    layers.forEach(function (layer, column) {
      layer.forEach(function (id) {
        found[id] = down
          ? { x: at[id] * (WIDTH + BESIDE), y: column * (HEIGHT + AHEAD) }
          : { x: column * (WIDTH + AHEAD), y: at[id] * (HEIGHT + BESIDE) };
      });
    });
    return found;
  }

  // --- the graph -------------------------------------------------------------------------------------------------

  function draw(text) {
    var holder = document.getElementById("chain-graph");
    if (!holder || !window.cytoscape) return;
    var data = JSON.parse(text);
    document.getElementById("chain-map").hidden = false;
    var where = places(data, holder.clientWidth);
    if (graph) graph.destroy();
    graph = window.cytoscape({
      container: holder,
      elements: {
        nodes: data.nodes.map(function (node) { return { data: node, position: where[node.id] }; }),
        edges: data.edges.map(function (edge, n) { return { data: Object.assign({ id: "e" + n }, edge) }; }),
      },
      style: look(),
      layout: { name: "preset" },
      autoungrabify: true,
      boxSelectionEnabled: false,
      userZoomingEnabled: false, // the wheel scrolls the page; buttons zoom
      minZoom: 0.15,
      maxZoom: 2.5,
    });
    frame();
    graph.on("tap", "node", function (event) { open(event.target.id(), false); });
    graph.on("tap", "edge[link != '']", function (event) { open("subcontract:" + event.target.data("link"), false); });
    graph.on("mouseover", "node", function (event) { around(event.target); });
    graph.on("mouseout", "node", function () { graph.elements().removeClass("aside"); });
    drawn = text;
  }

  // The frame takes the height that the picture needs. What would be too small to read begins at its upper left corner.
  function frame() {
    var holder = graph.container(), box = graph.elements().boundingBox();
    var level = Math.min(1, (holder.clientWidth - 32) / box.w, TALLEST / box.h);
    var shown = level < LEAST_ZOOM ? READABLE : level;
    holder.style.height = Math.round(Math.min(TALLEST, Math.max(160, box.h * shown)) + 40) + "px";
    graph.resize();
    if (shown === level) return fit();
    graph.zoom(shown);
    graph.pan({ x: 16 - box.x1 * shown, y: 16 - box.y1 * shown });
  }

  function fit() {
    graph.fit(undefined, 16);
    if (graph.zoom() > 1) {
      graph.zoom(1);
      graph.center();
    }
  }

  function around(node) {
    var near = graph.container().dataset.around === "near" // connections have no direction to follow
      ? node.closedNeighborhood()
      : node.union(node.predecessors()).union(node.successors());
    graph.elements().not(near).addClass("aside");
  }

  function zoom(way) {
    if (!graph) return;
    if (way === "fit") return fit();
    var middle = { x: graph.width() / 2, y: graph.height() / 2 };
    graph.zoom({ level: graph.zoom() * (way === "in" ? 1.3 : 1 / 1.3), renderedPosition: middle });
  }

  function choose(id) {
    document.querySelectorAll("[data-node][aria-current]").forEach(function (link) { link.removeAttribute("aria-current"); });
    document.querySelectorAll('.chain-tree [data-node="' + CSS.escape(id) + '"]').forEach(function (link) {
      link.setAttribute("aria-current", "true");
    });
    if (!graph) return;
    graph.elements().unselect();
    var node = graph.getElementById(id);
    if (node.nonempty()) node.select();
  }

  // --- the panel -------------------------------------------------------------------------------------------------

  function open(id, byKeyboard) {
    var panel = document.getElementById("chain-panel");
    choose(id);
    if (!panel || !window.htmx) return;
    var address = panel.dataset.url + "?panel=" + encodeURIComponent(id);
    window.htmx.ajax("GET", address, { target: "#chain-panel", swap: "innerHTML" }).then(function () {
      var head = document.getElementById("chain-panel-head");
      var side = panel.closest(".column-side");
      if (side) side.scrollTop = 0;
      if (byKeyboard && head) head.focus();
      else if (panel.getBoundingClientRect().top > window.innerHeight) panel.scrollIntoView({ block: "start" });
    });
  }

  document.addEventListener("click", function (event) {
    var link = event.target.closest ? event.target.closest("[data-node]") : null;
    var button = event.target.closest ? event.target.closest("[data-zoom]") : null;
    if (button) zoom(button.dataset.zoom);
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link.dataset.node, event.detail === 0); // a click of no button is Enter
  });

  // --- arrow keys in the list ------------------------------------------------------------------------------------

  function moved(link, key) {
    var tree = link.closest("[data-tree]");
    var all = Array.from(tree.querySelectorAll("[data-node]"));
    var at = all.indexOf(link);
    var item = link.closest("li");
    if (key === "ArrowDown") return all[at + 1];
    if (key === "ArrowUp") return all[at - 1];
    if (key === "Home") return all[0];
    if (key === "End") return all[all.length - 1];
    if (key === "ArrowRight") return item.querySelector(":scope > ul [data-node]");
    var above = item.parentElement.closest("li");
    return above ? above.querySelector("[data-node]") : null;
  }

  document.addEventListener("keydown", function (event) {
    var link = event.target.closest ? event.target.closest("[data-tree] [data-node]") : null;
    if (!link || event.altKey || event.ctrlKey || event.metaKey) return;
    if (["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight", "Home", "End"].indexOf(event.key) < 0) return;
    var next = moved(link, event.key);
    event.preventDefault();
    if (!next) return;
    next.focus();
    choose(next.dataset.node);
  });

  // --- when ------------------------------------------------------------------------------------------------------

  function start(again) {
    var data = document.getElementById("chain-json");
    if (data && (again || data.textContent !== drawn)) draw(data.textContent);
  }

  document.addEventListener("DOMContentLoaded", function () { start(false); });
  document.addEventListener("sekisho:refreshed", function (event) { if (event.target.id === "chain-data") start(false); });
  document.addEventListener("sekisho:theme", function () { if (graph) graph.style(look()); });
  window.addEventListener("resize", function () { if (graph) frame(); });
})();
