// One plant in one run: what it could switch to, and what became of it in the run whose emissions lie in the middle.

import { gateName } from "./figures.mjs";
import { STAGES } from "./pool.mjs";
import { element, number, percent, t, word } from "./texts.mjs";

const QUARTERS = 4,
  SHORT = 2; // quarters: what holds a plant back for less is left out
const at = (id) => document.getElementById(id);

/** The run whose cumulative emissions lie nearest to the median of the first runs, by its place; of several the first. */
export function typical(ensemble, runs) {
  const values = ensemble.outcome("cumulative_mt", runs),
    known = values.filter((x) => !Number.isNaN(x)).sort();
  if (!known.length) return null;
  const middle = (known[(known.length - 1) >> 1] + known[known.length >> 1]) / 2;
  const away = Array.from(values, (x) => (Number.isNaN(x) ? Infinity : Math.abs(x - middle)));
  return away.indexOf(Math.min(...away));
}

/** What a plant does in a run, in the order of time: [quarter, key of a text, its values]. */
export function told(data, firm, { gates, decisions }) {
  const quarters = QUARTERS * data.world.years,
    mine = gates.subarray(firm * quarters, (firm + 1) * quarters);
  const found = [],
    [option, decided, started] = decisions.subarray(3 * firm, 3 * firm + 3);
  const name = option < 0 ? "" : word(data.firms[firm].options[option]);
  if (decided >= 0) found.push([decided, "story_decides", { option: name }]);
  if (started >= 0 && started < quarters) found.push([started, "story_starts", { option: name }]);
  for (let first = 0, next; first < quarters; first = next) {
    next = first + 1;
    while (next < quarters && mine[next] === mine[first]) next++;
    if (next - first >= SHORT || !first) found.push([first, "story_gate", { gate: gateName(data, mine[first]) }]);
  }
  return found.sort((a, b) => a[0] - b[0]);
}

export class Story {
  constructor(lab) {
    Object.assign(this, { lab, asked: "" });
  }

  /** Ask for the typical run of what is shown, where it may have changed: another plant, package or stage. */
  show(ensemble) {
    const { data, pool } = this.lab,
      firm = Number(at("plant").value),
      runs = STAGES.filter((stage) => stage <= ensemble.done).at(-1);
    const asked = JSON.stringify([ensemble.key, firm, runs, document.documentElement.lang]);
    if (!runs || asked === this.asked) return;
    this.asked = asked;
    const place = typical(ensemble, runs);
    if (place === null) return at("story").replaceChildren();
    const number_ = data.first_run + place;
    const share = ensemble.switchedShare(firm, data);
    pool.one(ensemble, number_, (run) => this.asked === asked && this.#write(firm, number_, run, share));
  }

  #write(firm, run, done, share) {
    const { data } = this.lab,
      { name, options } = data.firms[firm];
    const date = (quarter) => `${data.first_year + Math.floor(quarter / QUARTERS)} Q${(quarter % QUARTERS) + 1}`;
    const lines = told(data, firm, done).map(([quarter, key, values]) =>
      element("li", {}, element("b", {}, date(quarter)), ` ${t(key, values)}`),
    );
    at("story").replaceChildren(
      element("p", {}, t("story_options", { name, options: options.map(word).join(t("and_also")) })),
      element("h3", {}, t("story_of", { run: number(run, 0) })),
      element("p", { class: "faint" }, t("story_share", { share: percent(share), year: data.last_year })),
      element("ol", { class: "story" }, lines),
    );
  }
}
