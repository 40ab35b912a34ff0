// Why? Which plants switch or close, what holds each back, and what every instrument of the package adds.

import { CLOSED, SWITCHED, gateName, plant } from "./figures.mjs";
import { later, policyOf, steps, withSteps } from "./scenario.mjs";
import { paired } from "./statistics.mjs";
import { Story } from "./story.mjs";
import { element, number, percent, t, table, word } from "./texts.mjs";

const RUNS = 256,
  LATER = 5; // years
const at = (id) => document.getElementById(id);

export class Why {
  constructor(lab) {
    Object.assign(this, { lab, asked: null, story: new Story(lab) });
    const { firms } = lab.data;
    this.order = firms.map((_, k) => k).sort((a, b) => firms[b].baseline_kt - firms[a].baseline_kt);
    at("plant").addEventListener("change", () => lab.shown && this.show(lab.shown[0]));
    at("ask-matters").addEventListener("click", () => {
      this.asked = this.#key();
      this.lab.run();
      this.matters();
    });
  }

  build() {
    const chosen = at("plant").value || String(this.order[0]);
    const { firms } = this.lab.data;
    at("plant").replaceChildren(...this.order.map((firm) => element("option", { value: firm }, firms[firm].name)));
    at("plant").value = chosen;
  }

  /** Plants by size: in what share of runs each has switched by the years that are reported, is closed, and why not. */
  show(ensemble) {
    const { data } = this.lab,
      runs = ensemble.done - ensemble.failed.length,
      steps = data.gate_names.length + 1,
      years = data.report_years;
    this.lab.charts.plants.show(plant(data, ensemble, Number(at("plant").value)));
    this.story.show(ensemble);
    const share = (firm, year, gate) =>
      ensemble.gates[(firm * ensemble.years + year - data.first_year) * steps + gate] / runs;
    const rows = this.order.map((firm) => [
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

  /** The package without each of its instruments, and with each later, where that was asked of the package as it is now. */
  wanted() {
    const { scenario, data } = this.lab;
    if (this.asked !== this.#key()) this.asked = null;
    if (!this.asked) return [];
    const names = this.#names(),
      changed = (name, points) => withSteps(scenario, name, points);
    const without = names.map((name) => changed(name, []));
    const delayed = names.map((name) => changed(name, later(steps(scenario, name), LATER, data)));
    return [...without, ...delayed].map((one) => ({ policy: policyOf(one, data), held: scenario.held, most: RUNS }));
  }

  /** What each instrument adds to the package, and what a later start changes: against the package, on the same luck. */
  matters() {
    const { lab } = this,
      { data, scenario } = lab,
      year = data.report_years.at(-1),
      place = at("matters-table");
    if (!this.asked || !lab.shown) return place.replaceChildren();
    const names = this.#names(),
      others = lab.others.slice(lab.saved.kept.length);
    if (!names.length) return place.replaceChildren(element("p", {}, t("matters_none")));
    const made = Math.min(...[lab.shown[0], ...others].map((one) => one?.done ?? 0), RUNS);
    if (made < RUNS || others.length < 2 * names.length) {
      const running = t("matters_running", { made: number(made, 0), runs: RUNS });
      return place.replaceChildren(element("p", { role: "status" }, running));
    }
    const rows = names
      .map((name, k) => ({ name, ...this.#added(others[k], others[names.length + k], year) }))
      .sort((a, b) => b.size - a.size);
    const told = rows.map(({ name, cells }) => {
      const about = data.instruments.find((one) => one.name === name),
        start = Math.max(data.first_year, scenario.schedules[name][0][0]);
      const title = element("span", {}, word(about.title), element("small", {}, ` · ${word(about.payer)}`));
      return [title, String(start), ...cells];
    });
    const heads = [t("adds_abated", { year }), t("adds_cost"), t("later_adds", { years: LATER, year })];
    place.replaceChildren(table(t("matters_caption", { runs: RUNS }), [t("instrument"), t("start"), ...heads], told));
  }

  #added(without, delayed, year) {
    const mine = this.lab.shown[0],
      abated = `abated_share_${year}`;
    const between = (one, other, name) => paired(one.outcome(name, RUNS), other.outcome(name, RUNS));
    const cell = (found, shown) => {
      if (found.tied) return element("span", { class: "tied" }, t("tied"));
      return `${found.mean > 0 ? "+" : ""}${shown(found.mean)}`;
    };
    const points = (share) => t("points", { value: number(100 * share, 1) });
    const gain = between(mine, without, abated);
    return {
      size: gain.tied ? 0 : Math.abs(gain.mean),
      cells: [
        cell(gain, points),
        cell(between(mine, without, "public_meur"), (x) => `${number(x, 0)} ${word("MEUR")}`),
        cell(between(delayed, mine, abated), points),
      ],
    };
  }
}
