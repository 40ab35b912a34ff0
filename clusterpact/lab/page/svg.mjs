// Figures as a drawing for a file (SVG), from the same data as on the screen.

import { stacked } from "./figures.mjs";
import { number, percent } from "./texts.mjs";

const WIDTH = 900, PLOT = 300, LEFT = 70, RIGHT = 250, TOP = 58, FOOT = 40;
const PAPER = "#ffffff", INK = "#1c2530";
const LETTERS = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const safe = (text) => String(text).replace(/[&<>"]/g, (letter) => LETTERS[letter]);
const tag = (name, attributes, content = "") => `<${name}${Object.entries(attributes).map(([key, value]) => ` ${key}="${safe(value)}"`).join("")}>${content}</${name}>`;
const text = (x, y, said, more = {}) => tag("text", { x, y, fill: INK, "font-family": "sans-serif", "font-size": 12, ...more }, safe(said));

/** One figure at a height of the drawing. */
function drawn(figure, above) {
  const { years, bands, layers, line, marks } = figure, share = Boolean(layers), stack = share ? stacked(figure) : [];
  const top = share ? (figure.full ? 1 : Math.max(1, ...stack.flatMap(({ high }) => high))) : 1.04 * Math.max(...bands.flatMap(({ rows }) => rows[2]), ...marks.map(({ value }) => value));
  const wide = WIDTH - LEFT - RIGHT, ground = above + TOP + PLOT;
  const x = (year) => LEFT + ((year - years[0]) / (years.at(-1) - years[0])) * wide, y = (value) => ground - (value / top) * PLOT;
  const points = (values) => values.map((value, k) => `${x(years[k]).toFixed(1)},${y(value).toFixed(1)}`);
  const between = (low, high, attributes) => tag("polygon", { points: [...points(high), ...points(low).reverse()].join(" "), ...attributes });
  const parts = [text(LEFT, above + 24, figure.title, { "font-size": 16, "font-weight": 600 }), text(LEFT, above + 42, `${figure.unit}; ${figure.note}`)];
  for (let k = 0; k <= 4; k++) {
    const value = (top * k) / 4;
    parts.push(tag("path", { d: `M${LEFT} ${y(value)}h${wide}`, stroke: "#d8dee5" }), text(LEFT - 6, y(value) + 4, share ? percent(value) : number(value), { "text-anchor": "end" }));
  }
  for (const year of years) if (year % 5 === 0) parts.push(text(x(year), ground + 18, year, { "text-anchor": "middle" }));
  if (share) for (const { low, high, colour } of stack) parts.push(between(low, high, { fill: colour }));
  if (line) parts.push(tag("polyline", { points: points(line.values).join(" "), fill: "none", stroke: INK, "stroke-width": 2, "stroke-dasharray": "5 4" }), text(WIDTH - RIGHT + 16, ground - 20, `┅ ${line.name}`));
  if (bands) for (const { rows: [low, middle, high], colour, dashed } of bands)
    parts.push(between(low, high, { fill: colour, "fill-opacity": 0.22 }), tag("polyline", { points: points(middle).join(" "), fill: "none", stroke: colour, "stroke-width": 2.5, ...(dashed ? { "stroke-dasharray": "6 4" } : {}) }));
  for (const { year, value } of marks) parts.push(tag("path", { d: `M${x(year)} ${y(value)}l-5 -9h10z`, fill: INK }));
  (bands ?? [...layers].reverse()).forEach(({ name, colour }, k) => parts.push(
    tag("rect", { x: WIDTH - RIGHT + 16, y: above + TOP + 18 * k, width: 11, height: 11, fill: colour }), text(WIDTH - RIGHT + 33, above + TOP + 10 + 18 * k, name)));
  return parts.join("");
}

/** Figures below each other, as the text of a file. */
export function svgOf(figures, title) {
  const high = TOP + PLOT + FOOT, height = high * figures.length + 30;
  const body = figures.map((figure, k) => drawn(figure, 30 + high * k)).join("");
  return tag("svg", { xmlns: "http://www.w3.org/2000/svg", viewBox: `0 0 ${WIDTH} ${height}`, width: WIDTH, height },
    tag("title", {}, safe(title)) + tag("rect", { width: WIDTH, height, fill: PAPER }) + text(LEFT, 24, title, { "font-size": 18, "font-weight": 700 }) + body) + "\n";
}
