// Going through the graph by keys: arrows lead to the neighbour that lies there, Enter opens it.
const ARROWS = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

export function keyboard(picture, place) {
  const { graph } = picture;
  const canvas = place.querySelector("[data-graph-canvas]");
  const said = place.querySelector("[data-graph-said]");
  const go = (node) => {
    picture.choose(node);
    picture.look(node);
  };
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = picture.chosen.node;
    if (event.key === "Escape") picture.choose(null);
    else if (event.key === "Home" || (ARROWS[event.key] && !at)) go(best(graph));
    else if (ARROWS[event.key]) go(towards(graph, at, ARROWS[event.key]) ?? at);
    else if (event.key === "Enter" && at) location.assign(`${place.dataset.graphContacts}/${at}`);
    else return;
    event.preventDefault();
  });
  picture.listen((node) => {
    if (!node) return (said.textContent = "");
    const { label, organisation, degree } = graph.getNodeAttributes(node);
    said.textContent = [label, organisation, `${said.dataset.graphSaid}: ${degree}`]
      .filter(Boolean)
      .join(", ");
  });
}

function best(graph) {
  return graph.reduceNodes(
    (found, node) => (found && graph.degree(found) >= graph.degree(node) ? found : node),
    null,
  );
}

// The neighbour nearest to where the arrow points: what lies aside counts as twice as far.
function towards(graph, node, [right, up]) {
  const from = graph.getNodeAttributes(node);
  let nearest = null;
  let least = Infinity;
  graph.forEachNeighbor(node, (other, { x, y }) => {
    const [dx, dy] = [x - from.x, y - from.y];
    const ahead = dx * right + dy * up;
    const aside = Math.abs(dx * up) + Math.abs(dy * right);
    if (ahead > 0 && ahead + 2 * aside < least) [nearest, least] = [other, ahead + 2 * aside];
  });
  return nearest;
}
