// Why? Which plants switch or close, what holds each back, and what every instrument of the package adds.

import { CLOSED, SWITCHED, gateName } from "./figures.mjs";
import { policyOf, withSteps } from "./scenario.mjs";
import { paired } from "./statistics.mjs";
import { element, number, percent, t, table, word } from "./texts.mjs";

const RUNS = 256,
  FIRST = 64;
const at = (id) => document.getElementById(id);

export class Why {
  constructor(lab) {
    Object.assign(this, { lab, asked: null });
    at("ask-matters").addEventListener("click", () => {
      this.asked = this.#key();
      this.lab.run();
      this.matters();
    });
  }

  /** Plants by size: in what share of runs each has switched by the years that are reported, is closed, and why not. */
  show(ensemble) {
    const { data } = this.lab,
      runs = ensemble.done - ensemble.failed.length,
      steps = data.gate_names.length + 1,
      years = data.report_years;
    const share = (firm, year, gate) =>
      ensemble.gates[(firm * ensemble.years + year - data.first_year) * steps + gate] / runs;
    const order = data.firms.map((_, k) => k).sort((a, b) => data.firms[b].baseline_kt - data.firms[a].baseline_kt);
    const rows = order.map((firm) => [
      element(
        "span",
        {},
        data.firms[firm].name,
        element("small", {}, ` · ${word(data.firms[firm].sector.replaceAll("_", " "))}`),
      ),
      number(data.firms[firm].baseline_kt, 0),
      ...years.map((year) => percent(share(firm, year, SWITCHED))),
      percent(share(firm, years.at(-1), CLOSED)),
      this.#back(years, (year, gate) => share(firm, year, gate)),
    ]);
    at("plants-table").replaceChildren(
      table(
        t("plants_caption", { runs: number(runs, 0) }),
        [
          t("plant"),
          t("kt_a_year"),
          ...years.map((year) => t("switched_by", { year })),
          t("closed_by", { year: years.at(-1) }),
          t("held_back"),
        ],
        rows,
      ),
    );
  }

  /** What holds a plant back most in each of some years: the gate that is closed first in most runs that did not switch. */
  #back(years, share) {
    const { data } = this.lab;
    const told = years
      .map((year) => {
        const gates = data.gate_names.map((_, k) => k + 1).filter((gate) => gate !== SWITCHED && gate !== CLOSED);
        const worst = gates.reduce((a, b) => (share(year, b) > share(year, a) ? b : a));
        return share(year, worst) > 0 ? { year, words: gateName(data, worst), share: share(year, worst) } : null;
      })
      .filter(Boolean);
    if (!told.length) return t("nothing");
    const last = told.at(-1),
      first = told[0];
    const say = ({ year, words, share: of }) => t("gate_in", { year, gate: words, share: percent(of) });
    return first.words === last.words ? say(last) : `${say(first)}; ${say(last)}`;
  }

  #key() {
    return JSON.stringify([this.lab.scenario.schedules, this.lab.scenario.held, this.lab.scenario.base]);
  }

  #names() {
    return Object.keys(this.lab.scenario.schedules).filter((name) =>
      this.lab.scenario.schedules[name].some(([, value]) => value),
    );
  }

  /** The package without each of its instruments, where that was asked of the package as it is now. */
  wanted() {
    const { scenario, data } = this.lab;
    if (this.asked !== this.#key()) this.asked = null;
    if (!this.asked) return [];
    return this.#names().map((name) => ({
      policy: policyOf(withSteps(scenario, name, []), data),
      held: scenario.held,
      most: RUNS,
    }));
  }

  /** What each instrument adds to the package: the package against itself without it, on common luck. */
  matters() {
    const { lab } = this,
      { data, scenario } = lab,
      year = data.report_years.at(-1),
      place = at("matters-table");
    if (!this.asked || !lab.shown) return place.replaceChildren();
    const names = this.#names(),
      without = lab.others.slice(lab.saved.kept.length),
      mine = lab.shown[0];
    if (!names.length) return place.replaceChildren(element("p", {}, t("matters_none")));
    const rows = names.map((name, k) => ({ name, ...this.#added(mine, without[k], year) })).sort((a, b) => b.size - a.size);
    const told = rows.map(({ name, cells }) => {
      const about = data.instruments.find((one) => one.name === name),
        start = Math.max(data.first_year, scenario.schedules[name][0][0]);
      return [
        element("span", {}, word(about.title), element("small", {}, ` · ${word(about.payer)}`)),
        String(start),
        ...cells,
      ];
    });
    place.replaceChildren(
      table(
        t("matters_caption", { runs: RUNS }),
        [t("instrument"), t("start"), t("adds_abated", { year }), t("adds_cost")],
        told,
      ),
    );
  }

  #added(mine, without, year) {
    const runs = Math.min(mine.done, without?.done ?? 0, RUNS);
    if (runs < FIRST) return { size: -1, cells: ["…", ""] };
    const of = (name) => paired(mine.outcome(name, runs), without.outcome(name, runs)),
      abated = of(`abated_share_${year}`),
      cost = of("public_meur");
    const cell = (found, shown) =>
      found.tied ? element("span", { class: "tied" }, t("tied")) : `${found.mean > 0 ? "+" : ""}${shown(found.mean)}`;
    return {
      size: abated.tied ? 0 : Math.abs(abated.mean),
      cells: [
        cell(abated, (x) => t("points", { value: number(100 * x, 1) })),
        cell(cost, (x) => `${number(x, 0)} ${word("MEUR")}`),
      ],
    };
  }
}
