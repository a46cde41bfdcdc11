// What stands around the picture: search, filter by strength, legend, and the card of somebody.
import { colourOf } from "./colours.js";

export function controls(picture, place) {
  card(picture, place);
  legend(picture, place);
  const strength = place.querySelector("[data-graph-strength]");
  strength?.addEventListener("input", () => {
    picture.chosen.least = Number(strength.value) / 100;
    picture.refresh();
  });
  const search = place.querySelector("[data-graph-search]");
  search?.addEventListener("input", () => {
    const found = bestMatch(picture.graph, search.value);
    picture.choose(found);
    if (found) picture.look(found);
  });
}

function bestMatch(graph, text) {
  const wanted = text.trim().toLocaleLowerCase();
  if (!wanted) return null;
  const rank = (name) => {
    if (name.startsWith(wanted)) return 2;
    return name.includes(wanted) ? 1 : 0;
  };
  let best = null;
  let greatest = 0;
  graph.forEachNode((node, { label, degree }) => {
    const weight = rank(label.toLocaleLowerCase()) * 1e6 + degree;
    if (weight >= 1e6 && weight > greatest) [best, greatest] = [node, weight];
  });
  return best;
}

function card(picture, place) {
  const shown = place.querySelector("[data-graph-card]");
  const fill = (name, text) => (shown.querySelector(`[data-graph-card-${name}]`).textContent = text);
  const show = (node) => {
    shown.hidden = !node;
    if (!node) return;
    const { label, organisation, degree } = picture.graph.getNodeAttributes(node);
    fill("name", label);
    fill("organisation", organisation ?? "");
    fill("ties", String(degree));
    shown.querySelector("a").href = `${place.dataset.graphContacts}/${node}`;
  };
  picture.listen(show);
  picture.sigma.on("enterNode", ({ node }) => show(node));
  picture.sigma.on("leaveNode", () => show(picture.chosen.node));
}

function legend(picture, place) {
  place.querySelectorAll("[data-graph-community]").forEach((button) => {
    const community = Number(button.dataset.graphCommunity);
    button.querySelector("[data-graph-swatch]").style.backgroundColor = colourOf(community);
    button.addEventListener("click", () => {
      const chosen = picture.chosen.community === community;
      picture.chosen.community = chosen ? null : community;
      place.querySelectorAll("[data-graph-community]").forEach((other) => {
        other.setAttribute("aria-pressed", String(other === button && !chosen));
      });
      picture.refresh();
    });
  });
}
