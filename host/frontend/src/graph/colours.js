// A colour for each community: from one to the next around the circle, so neighbours differ.
const GOLDEN_ANGLE = 137.508;

export function colourOf(community) {
  if (community === null || community === undefined) return "#8a94a6";
  return rgb((community * GOLDEN_ANGLE) % 360, 0.6, community % 2 ? 0.42 : 0.55);
}

// WebGL takes no hsl().
function rgb(hue, saturation, lightness) {
  const spread = saturation * Math.min(lightness, 1 - lightness);
  const part = (offset) => {
    const place = (offset + hue / 30) % 12;
    const value = lightness - spread * Math.max(-1, Math.min(place - 3, 9 - place, 1));
    return Math.round(255 * value)
      .toString(16)
      .padStart(2, "0");
  };
  return `#${part(0)}${part(8)}${part(4)}`;
}
