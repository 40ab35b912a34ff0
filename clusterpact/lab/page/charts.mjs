/* global uPlot */
// Figures on the screen, by uPlot: bands over time, and stacks that fill up to what there was at the start.

import { inWords, stacked, valuesIn } from "./figures.mjs";
import { element, number, percent } from "./texts.mjs";

const ALPHA = 0.22,
  MARK = 7;

const NIGHT = matchMedia("(prefers-color-scheme: dark)");

/** The colour of a line on the ground that the page has. */
const shownIn = ({ colour, night }) => (NIGHT.matches && night ? night : colour);

/** One figure in its place: redrawn when its data, its width or the colours of the page change. */
export class Chart {
  constructor(place, data, height) {
    Object.assign(this, { data, height, figure: null, plot: null, kind: "" });
    this.box = element("div", { class: "plot", role: "img" });
    this.legend = element("ul", { class: "legend" });
    this.readout = element("p", { class: "readout" });
    place.append(this.box, this.readout, this.legend);
    new ResizeObserver(() => this.#sized()).observe(this.box);
    NIGHT.addEventListener("change", () => this.#anew());
  }

  show(figure) {
    this.figure = figure;
    const kind = (figure.bands ?? figure.layers).map(({ name }) => name).join("|");
    if (!this.plot || kind !== this.kind) this.#anew(kind);
    else this.plot.setData(this.#columns());
    this.box.setAttribute("aria-label", `${figure.title}. ${inWords(this.data, figure)}`);
  }

  #anew(kind = this.kind) {
    if (!this.figure) return;
    this.kind = kind;
    this.plot?.destroy();
    this.plot = new uPlot(this.#options(), this.#columns(), this.box);
    this.#key();
  }

  #sized() {
    if (this.plot && this.box.clientWidth) this.plot.setSize({ width: this.box.clientWidth, height: this.height() });
  }

  #columns() {
    const { years, bands } = this.figure;
    if (bands) return [years, ...bands.flatMap(({ rows: [low, middle, high] }) => [high, low, middle])];
    const edges = stacked(this.figure).flatMap(({ low, high }) => [high, low]);
    return this.figure.line ? [years, ...edges, this.figure.line.values] : [years, ...edges];
  }

  #options() {
    const { figure } = this,
      ink = getComputedStyle(this.box).color,
      faint = `color-mix(in srgb, ${ink} 14%, transparent)`;
    const share = Boolean(figure.layers),
      edges = share ? this.#stackSeries(ink) : this.#bandSeries();
    const axis = {
      stroke: ink,
      grid: { stroke: faint, width: 1 },
      ticks: { stroke: faint },
      font: "12px system-ui, sans-serif",
    };
    return {
      width: this.box.clientWidth || 300,
      height: this.height(),
      padding: [10, 20, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
      scales: {
        x: { time: false },
        y: {
          range: (_, low, high) =>
            share ? [Math.min(0, low), figure.full ? 1 : Math.max(1, high)] : [0, Math.max(1e-9, high) * 1.04],
        },
      },
      axes: [
        { ...axis, size: 34, values: (_, ticks) => ticks.map((year) => (Number.isInteger(year) ? String(year) : "")) },
        { ...axis, size: 52, values: (_, ticks) => ticks.map((value) => (share ? percent(value) : number(value))) },
      ],
      series: [{}, ...edges.series],
      bands: edges.bands,
      hooks: { draw: [(plot) => this.#marks(plot, ink)], setCursor: [({ cursor }) => this.#read(cursor.idx)] },
    };
  }

  #bandSeries() {
    const series = [],
      bands = [];
    for (const { dashed, ...band } of this.figure.bands) {
      const at = series.length + 1,
        colour = shownIn(band),
        edge = { stroke: `${colour}55`, width: 1, points: { show: false } };
      series.push(edge, edge, { stroke: colour, width: 2.5, dash: dashed ? [6, 4] : undefined, points: { show: false } });
      bands.push({ series: [at, at + 1], fill: `${colour}${Math.round(ALPHA * 255).toString(16)}` });
    }
    return { series, bands };
  }

  #stackSeries(ink) {
    const series = [],
      bands = [];
    for (const { colour } of this.figure.layers) {
      const at = series.length + 1,
        edge = { stroke: colour, width: 0.5, points: { show: false } };
      series.push(edge, edge);
      bands.push({ series: [at, at + 1], fill: colour }, { series: [at + 1, at], fill: colour });
    }
    if (this.figure.line) series.push({ stroke: ink, width: 2, dash: [5, 4], points: { show: false } });
    return { series, bands };
  }

  /** The values of the year under the pointer. */
  #read(place) {
    this.readout.textContent = place === null || place === undefined ? "" : valuesIn(this.figure, place);
  }

  /** Targets, as triangles that point at them. */
  #marks(plot, ink) {
    const { ctx } = plot,
      size = MARK * devicePixelRatio;
    ctx.save();
    ctx.fillStyle = ink;
    for (const { year, value } of this.figure.marks) {
      const x = plot.valToPos(year, "x", true),
        y = plot.valToPos(value, "y", true);
      ctx.beginPath();
      ctx.moveTo(x, y);
      ctx.lineTo(x - size * 0.7, y - size * 1.3);
      ctx.lineTo(x + size * 0.7, y - size * 1.3);
      ctx.fill();
    }
    ctx.restore();
  }

  #key() {
    const { bands, layers, line, marked } = this.figure;
    const items = (bands ?? [...layers].reverse()).map(({ name, dashed, ...one }) => {
      const swatch = element("span", { class: dashed ? "swatch dashed" : "swatch", "aria-hidden": "true" });
      swatch.style.setProperty("--swatch", shownIn(one));
      return element("li", {}, swatch, name);
    });
    if (line) items.push(element("li", {}, element("span", { class: "mark", "aria-hidden": "true" }, "┅"), line.name));
    if (marked) items.push(element("li", {}, element("span", { class: "mark", "aria-hidden": "true" }, "▼"), marked));
    this.legend.replaceChildren(...items);
  }
}
