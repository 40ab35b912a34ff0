// Up to four scenarios kept beside each other, on the same runs.

import { STAGES } from "./pool.mjs";
import { policyOf } from "./scenario.mjs";
import { chance, quantiles } from "./statistics.mjs";
import { element, language, number, percent, t, table, word } from "./texts.mjs";

const MOST = 4;
const at = (id) => document.getElementById(id);
const without = (values) => values.filter((x) => !Number.isNaN(x));

export class Saved {
  constructor(lab) {
    Object.assign(this, { lab, kept: [] });
    at("keep").addEventListener("click", () => this.keep());
  }

  keep() {
    if (this.lab.preset.fixed) return;
    if (this.kept.length === MOST) return this.lab.say("kept_most", { most: MOST });
    const title = at("scenario-title").value.trim() || this.lab.name();
    this.kept.push({ ...this.lab.scenario, title });
    at("scenario-title").value = "";
    this.lab.run();
  }

  /** What the pool should run for the table. */
  wanted() {
    return this.kept.map((one) => ({ policy: policyOf(one, this.lab.data), held: one.held }));
  }

  /** The table anew, where a stage of runs was reached or something was kept or removed: its buttons stay where they are. */
  show() {
    const { data, others, shown } = this.lab,
      place = at("saved-table");
    const stage = (ensemble) => STAGES.findLast((runs) => runs <= (ensemble?.done ?? 0)) ?? 0;
    const found = [...this.kept.map((_, k) => others[k]), shown?.[1]],
      runs = found.map(stage);
    const key = JSON.stringify([this.kept, runs, shown?.[1].key, language()]);
    if (key === this.drawn) return;
    this.drawn = key;
    if (!this.kept.length) return place.replaceChildren(element("p", { class: "faint" }, t("kept_none", { most: MOST })));
    const rows = this.kept.map((scenario, k) => [
      this.#title(scenario),
      ...this.#values(found[k], runs[k]),
      this.#buttons(k),
    ]);
    rows.push([t("baseline"), ...this.#values(found.at(-1), runs.at(-1)), ""]);
    const targets = Object.entries(data.targets).map(([year, share]) => t("target_of", { year, share: percent(share) }));
    const heads = [
      t("abated_by", { year: data.report_years.at(-1) }),
      ...targets,
      `${t("outcome_public_meur")}, ${word("MEUR")}`,
    ];
    place.replaceChildren(table(t("kept_about"), [t("scenario"), t("runs"), ...heads, t("outcome_jobs_total"), ""], rows));
  }

  #title({ title, held }) {
    const count = Object.keys(held).length;
    return element("span", {}, title, count ? element("small", {}, ` · ${t("held_count", { count })}`) : null);
  }

  #values(ensemble, runs) {
    const { data } = this.lab,
      years = Object.keys(data.targets);
    if (!runs) return ["…", "", ...years.map(() => ""), "", ""];
    const middle = (name) => quantiles(ensemble.outcome(name, runs), [0.5])[0];
    const met = (year) => percent(chance(without(ensemble.outcome(`target_${year}_met`, runs))).mean);
    return [
      number(runs, 0),
      percent(middle(`abated_share_${data.report_years.at(-1)}`)),
      ...years.map(met),
      number(middle("public_meur"), 0),
      number(middle("jobs_total"), 0),
    ];
  }

  #buttons(k) {
    const { title } = this.kept[k];
    const button = (text, label, onclick) =>
      element("button", { type: "button", class: "small", "aria-label": label, onclick }, text);
    const drop = () => {
      this.kept.splice(k, 1);
      this.lab.run();
    };
    return element(
      "span",
      { class: "row" },
      button(t("load"), t("load_of", { name: title }), () => this.lab.change(structuredClone(this.kept[k]))),
      button(t("drop"), t("drop_of", { name: title }), drop),
    );
  }
}
