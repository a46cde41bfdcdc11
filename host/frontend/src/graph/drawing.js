// What is drawn: all nodes and ties, or those that are chosen, and the rest in the background.
import Sigma from "sigma";

const FAINT = "#c3c9d4";
const FAINT_DARK = "#4a5468";

const dark = () => document.documentElement.dataset.bsTheme === "dark";
const faint = () => (dark() ? FAINT_DARK : FAINT);

export function drawing(graph, place) {
  const chosen = { node: null, around: new Set(), least: 0, community: null };
  const away = (node, data) =>
    (chosen.node && !chosen.around.has(node)) ||
    (chosen.community !== null && data.community !== chosen.community);
  const sigma = new Sigma(graph, place.querySelector("[data-graph-canvas]"), {
    labelColor: { color: getComputedStyle(document.body).color },
    labelRenderedSizeThreshold: 7,
    defaultEdgeColor: faint(),
    zIndex: true,
    // A window that is closed or hidden just now has no width.
    allowInvalidContainer: true,
    nodeReducer: (node, data) => {
      if (node === chosen.node) return { ...data, highlighted: true, zIndex: 2 };
      if (away(node, data)) return { ...data, color: faint(), label: "", zIndex: 0 };
      return { ...data, zIndex: 1, forceLabel: chosen.node !== null };
    },
    edgeReducer: (edge, data) => {
      if (data.strength < chosen.least) return { ...data, hidden: true };
      if (!chosen.node) return { ...data, color: faint() };
      const [source, target] = graph.extremities(edge);
      if (source !== chosen.node && target !== chosen.node) return { ...data, hidden: true };
      return { ...data, color: graph.getNodeAttribute(chosen.node, "color"), zIndex: 1 };
    },
  });
  const told = new Set();
  const picture = {
    graph,
    sigma,
    chosen,
    listen: (listener) => told.add(listener),
    choose(node) {
      chosen.node = node;
      chosen.around = new Set(node ? [node, ...graph.neighbors(node)] : []);
      sigma.refresh({ skipIndexation: true });
      told.forEach((listener) => listener(node));
    },
    look(node) {
      const { x, y } = sigma.getNodeDisplayData(node);
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      sigma.getCamera().animate({ x, y }, { duration: still ? 0 : 200 });
    },
    refresh: () => sigma.refresh({ skipIndexation: true }),
  };
  sigma.on("clickNode", ({ node }) => picture.choose(node === chosen.node ? null : node));
  sigma.on("clickStage", () => picture.choose(null));
  sigma.on("doubleClickNode", ({ node, preventSigmaDefault }) => {
    preventSigmaDefault();
    location.assign(`${place.dataset.graphContacts}/${node}`);
  });
  new MutationObserver(() => {
    sigma.setSetting("labelColor", { color: getComputedStyle(document.body).color });
    sigma.setSetting("defaultEdgeColor", faint());
  }).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
  return picture;
}
