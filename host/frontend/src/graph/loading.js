// The graph as the server sends it: parallel arrays, made into nodes and edges.
import Graph from "graphology";
import { colourOf } from "./colours.js";

const SMALLEST = 3;
const LARGEST = 18;

// Who has no name there is private, and called `nameless`.
export async function loaded(address, nameless) {
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${answer.status}`);
  const said = await answer.json();
  const graph = new Graph({ type: "undirected", multi: false, allowSelfLoops: false });
  const most = Math.sqrt(Math.max(1, ...said.degrees));
  said.ids.forEach((id, place) => {
    graph.addNode(id, {
      x: said.x[place],
      y: said.y[place],
      label: said.names[place] || nameless,
      organisation: said.organisations[place],
      community: said.communities[place],
      degree: said.degrees[place],
      size: SMALLEST + ((LARGEST - SMALLEST) * Math.sqrt(said.degrees[place])) / most / 2,
      color: colourOf(said.communities[place]),
    });
  });
  said.sources.forEach((source, number) => {
    const strength = said.strengths[number];
    graph.addEdge(said.ids[source], said.ids[said.targets[number]], {
      strength,
      size: 0.5 + 3 * strength,
    });
  });
  return graph;
}
