// What the figures of the page show, as plain data: charts.mjs draws it on the screen, svg.mjs for a file.

import { bands, meansOf } from "./statistics.mjs";
import { number, percent, t, word } from "./texts.mjs";

/** Colours of the project's figures: see results/figures. */
export const CAUSES = { switched: "#00735C", closed: "#404040", output: "#7F8C8D" };
/** Still emitted: by plants that switched, by works, then why not, from money to trust to market; from below. */
const GATES = [
  [10, "#8CCFBB"],
  [9, "#56B4E9"],
  [12, "#000000"],
  [8, "#7F5539"],
  [7, "#B08968"],
  [6, "#8E6BBF"],
  [5, "#C7A6E8"],
  [4, "#F0E442"],
  [11, "#CC79A7"],
  [3, "#E69F00"],
  [2, "#D9D9D9"],
  [1, "#B3B3B3"],
];
export const SWITCHED = 10;
export const CLOSED = 12;
const LEAST = 0.0005; // of the emissions of the start

export const yearsOf = ({ first_year, world }) => Array.from({ length: world.years }, (_, k) => first_year + k);

const placeOf = (data, name) => data.world.measures.indexOf(name);

/** Emissions of a package and the baseline: median and 5-95 % of runs, with the targets. */
export function emissions(data, ensemble, baseline, runs) {
  const targets = Object.entries(data.targets).map(([year, share]) => ({
    year: Number(year),
    value: (data.baseline_kt / 1000) * (1 - share),
  }));
  return {
    title: t("emissions"),
    unit: t("mt_a_year"),
    years: yearsOf(data),
    note: t("of_runs", { runs }),
    marks: targets,
    marked: t("target"),
    bands: [
      { name: t("baseline"), colour: "#6B7280", night: "#B6BEC9", dashed: true, rows: bands(baseline, runs) },
      { name: t("this_package"), colour: "#0072B2", night: "#56B4E9", rows: bands(ensemble, runs) },
    ],
  };
}

/** What is abated, by cause: means over runs; a line for all that is abated under the baseline. */
export function causes(data, ensemble, baseline) {
  const layers = Object.entries(CAUSES).map(([cause, colour]) => ({
    name: t(`cause_${cause}`),
    colour,
    values: meansOf(ensemble, placeOf(data, `${cause}_share`)),
  }));
  return {
    title: t("causes"),
    unit: t("share_of_start"),
    years: yearsOf(data),
    note: t("of_runs", { runs: ensemble.done }),
    layers,
    line: { name: t("baseline_abated"), values: meansOf(baseline, placeOf(data, "abated_share")) },
    marks: Object.entries(data.targets).map(([year, share]) => ({ year: Number(year), value: share })),
    marked: t("target"),
  };
}

/** The same, and on it what is still emitted, by the first closed gate of who emits it: together 100 %. */
export function gates(data, ensemble, baseline) {
  const still = GATES.map(([gate, colour]) => ({
    name: gateName(data, gate),
    colour,
    values: meansOf(ensemble, placeOf(data, `gate_${gate}`)),
  }));
  const abated = causes(data, ensemble, baseline);
  return {
    ...abated,
    title: t("gates"),
    layers: [...abated.layers, ...still.filter(({ values }) => Math.max(...values) > LEAST)],
    full: true,
  };
}

/** Where a plant stands at the end of every year: share of runs by gate, switched and closed from below. */
export function plant(data, ensemble, firm) {
  const width = data.gate_names.length + 1,
    runs = ensemble.done - ensemble.failed.length;
  const share = (gate) =>
    yearsOf(data).map((_, year) => ensemble.gates[(firm * ensemble.years + year) * width + gate] / runs);
  const named = [
    { name: t("switched"), colour: CAUSES.switched, values: share(SWITCHED) },
    { name: word(data.gate_names[CLOSED - 1]), colour: CAUSES.closed, values: share(CLOSED) },
  ];
  const others = [[0, "#9AD0F5"], ...GATES].filter(([gate]) => gate !== SWITCHED && gate !== CLOSED);
  const layers = [
    ...named,
    ...others.map(([gate, colour]) => ({ name: gateName(data, gate), colour, values: share(gate) })),
  ].filter(({ values }) => Math.max(...values) > LEAST);
  const { name } = data.firms[firm];
  return {
    title: name,
    unit: t("share_of_runs"),
    years: yearsOf(data),
    note: t("of_runs", { runs }),
    layers,
    marks: [],
    full: true,
  };
}

/** What holds a plant back, in words; 0 is nothing. */
export function gateName(data, gate) {
  if (!gate) return t("nothing");
  return gate === SWITCHED ? t("left_of_switched") : word(data.gate_names[gate - 1]);
}

/** Layers of a figure, each from the last one's top: { low, high }; what is negative (more made) takes away from the top. */
export function stacked(figure) {
  let low = figure.years.map(() => 0);
  return figure.layers.map((layer) => {
    const high = low.map((value, k) => value + layer.values[k]),
      drawn = { ...layer, low, high };
    low = high;
    return drawn;
  });
}

/** The values of a figure at the place of a year, in words; layers that are nothing there are left out. */
export function valuesIn({ years, bands, layers }, place) {
  const one = ({ name, rows }) => {
    const [low, middle, high] = rows.map((row) => number(row[place], 1));
    return `${name} ${middle} (${t("interval", { low, high })})`;
  };
  const some = bands ? bands.map(one) : layers.filter(({ values }) => Math.abs(values[place]) >= 0.005);
  const told = bands ? some : some.map(({ name, values }) => `${name} ${percent(values[place])}`);
  return `${years[place]}: ${told.join(" · ")}`;
}

/** A figure in words, for who does not see it: its values at the years that matter. */
export function inWords(data, figure) {
  const years = data.report_years,
    at = (year) => figure.years.indexOf(year);
  if (figure.bands)
    return figure.bands
      .map(
        ({ name, rows }) =>
          `${name}: ${years.map((year) => t("at_year", { year, value: rows[1][at(year)].toFixed(1) })).join(", ")}`,
      )
      .join("; ");
  return figure.layers
    .map(
      ({ name, values }) =>
        `${name}: ${years.map((year) => t("at_year", { year, value: percent(values[at(year)]) })).join(", ")}`,
    )
    .join("; ");
}
