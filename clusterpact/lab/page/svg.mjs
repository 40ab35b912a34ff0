// Figures as a drawing for a file (SVG), from the same data as on the screen.

import { stacked } from "./figures.mjs";
import { number, percent } from "./texts.mjs";

const WIDTH = 900,
  PLOT = 300,
  LEFT = 70,
  RIGHT = 250,
  TOP = 58,
  FOOT = 40;
const TICKS = 5; // of an axis, about
const PAPER = "#ffffff",
  INK = "#1c2530";
const LETTERS = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const safe = (text) => String(text).replace(/[&<>"]/g, (letter) => LETTERS[letter]);
const tag = (name, attributes, content = "") =>
  `<${name}${Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${safe(value)}"`)
    .join("")}>${content}</${name}>`;
const text = (x, y, said, more = {}) =>
  tag("text", { x, y, fill: INK, "font-family": "sans-serif", "font-size": 12, ...more }, safe(said));

/** The frame of a figure at a height of the drawing: x of a year, y of a value, the top of its axis, and paths of values. */
function framed(figure, above) {
  const { years, bands, layers, marks, full } = figure;
  const stack = layers ? stacked(figure) : [];
  const most = bands ? [...bands.flatMap(({ rows }) => rows[2]), ...marks.map(({ value }) => value)] : [1];
  const top = bands ? 1.04 * Math.max(...most) : full ? 1 : Math.max(1, ...stack.flatMap(({ high }) => high));
  const wide = WIDTH - LEFT - RIGHT;
  const ground = above + TOP + PLOT;
  const x = (year) => LEFT + ((year - years[0]) / (years.at(-1) - years[0])) * wide;
  const y = (value) => ground - (value / top) * PLOT;
  const points = (values) => values.map((value, k) => `${x(years[k]).toFixed(1)},${y(value).toFixed(1)}`);
  const line = (values, stroke, width, dash) =>
    tag("polyline", {
      points: points(values).join(" "),
      fill: "none",
      stroke,
      "stroke-width": width,
      "stroke-dasharray": dash,
    });
  const between = (low, high, fill, opacity) =>
    tag("polygon", { points: [...points(high), ...points(low).reverse()].join(" "), fill, "fill-opacity": opacity });
  return { x, y, top, wide, ground, stack, line, between };
}

/** Title, axes and their numbers. */
function axes({ title, unit, note, years, bands }, { x, y, top, wide, ground }, above) {
  const rough = top / TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].find((one) => one * power >= rough) * power;
  const levels = Array.from({ length: Math.floor(top / step + 1e-9) + 1 }, (_, k) => k * step);
  return [
    text(LEFT, above + 24, title, { "font-size": 16, "font-weight": 600 }),
    text(LEFT, above + 42, `${unit}; ${note}`),
    ...levels.flatMap((value) => [
      tag("path", { d: `M${LEFT} ${y(value)}h${wide}`, stroke: "#d8dee5" }),
      text(LEFT - 6, y(value) + 4, bands ? number(value) : percent(value), { "text-anchor": "end" }),
    ]),
    ...years.filter((year) => year % 5 === 0).map((year) => text(x(year), ground + 18, year, { "text-anchor": "middle" })),
  ];
}

/** Names of colours, beside the figure. */
function key({ bands, layers, marked }, above) {
  const rows = (bands ?? [...layers].reverse()).length;
  const mark = text(WIDTH - RIGHT + 15, above + TOP + 10 + 18 * rows, `▼  ${marked}`);
  const colours = (bands ?? [...layers].reverse()).flatMap(({ name, colour }, k) => [
    tag("rect", { x: WIDTH - RIGHT + 16, y: above + TOP + 18 * k, width: 11, height: 11, fill: colour }),
    text(WIDTH - RIGHT + 33, above + TOP + 10 + 18 * k, name),
  ]);
  return [...colours, mark];
}

/** One figure at a height of the drawing. */
function drawn(figure, above) {
  const frame = framed(figure, above);
  const parts = axes(figure, frame, above);
  for (const { low, high, colour } of frame.stack) parts.push(frame.between(low, high, colour, 1));
  for (const { rows, colour, dashed } of figure.bands ?? [])
    parts.push(frame.between(rows[0], rows[2], colour, 0.22), frame.line(rows[1], colour, 2.5, dashed ? "6 4" : "none"));
  if (figure.line)
    parts.push(
      frame.line(figure.line.values, INK, 2, "5 4"),
      text(WIDTH - RIGHT + 16, frame.ground, `- - - ${figure.line.name}`),
    );
  for (const { year, value } of figure.marks)
    parts.push(tag("path", { d: `M${frame.x(year)} ${frame.y(value)}l-5 -9h10z`, fill: INK }));
  return [...parts, ...key(figure, above)].join("");
}

/** Figures below each other, as the text of a file. */
export function svgOf(figures, title) {
  const high = TOP + PLOT + FOOT,
    height = high * figures.length + 30;
  const body = figures.map((figure, k) => drawn(figure, 30 + high * k)).join("");
  return (
    tag(
      "svg",
      { xmlns: "http://www.w3.org/2000/svg", viewBox: `0 0 ${WIDTH} ${height}`, width: WIDTH, height },
      tag("title", {}, safe(title)) +
        tag("rect", { width: WIDTH, height, fill: PAPER }) +
        text(LEFT, 24, title, { "font-size": 18, "font-weight": 700 }) +
        body,
    ) + "\n"
  );
}
