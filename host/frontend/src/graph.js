// The picture of the graph: <div data-graph="/graph/layout.json">. The table below says the same.
import { drawing } from "./graph/drawing.js";
import { controls } from "./graph/controls.js";
import { keyboard } from "./graph/keyboard.js";
import { loaded } from "./graph/loading.js";

const canDraw = () => {
  try {
    return Boolean(document.createElement("canvas").getContext("webgl2"));
  } catch {
    return false;
  }
};

const show = async (place) => {
  const say = (name) => {
    place.querySelectorAll("[data-graph-say]").forEach((line) => {
      line.hidden = line.dataset.graphSay !== name;
    });
  };
  if (!canDraw()) return say("no-webgl");
  say("loading");
  try {
    const graph = await loaded(place.dataset.graph, place.dataset.graphPrivate);
    if (!graph.order) return say("empty");
    say("drawn");
    const picture = drawing(graph, place);
    controls(picture, place);
    keyboard(picture, place);
    place.dataset.graphDrawn = String(graph.order);
  } catch {
    say("failed");
  }
};

document.querySelectorAll("[data-graph]").forEach(show);
