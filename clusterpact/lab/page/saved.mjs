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
    const { data, others } = this.lab,
      place = at("saved-table");
    const runs = this.kept.map((_, k) => STAGES.findLast((stage) => stage <= (others[k]?.done ?? 0)) ?? 0);
    const key = JSON.stringify([this.kept, runs, language()]);
    if (key === this.drawn) return;
    this.drawn = key;
    if (!this.kept.length) return place.replaceChildren(element("p", { class: "faint" }, t("kept_none", { most: MOST })));
    const rows = this.kept.map((scenario, k) => this.#row(scenario, others[k], runs[k], k));
    const targets = Object.entries(data.targets).map(([year, share]) => t("target_of", { year, share: percent(share) }));
    place.replaceChildren(
      table(
        t("kept_about"),
        [
          t("scenario"),
          t("runs"),
          t("abated_by", { year: data.report_years.at(-1) }),
          ...targets,
          `${t("outcome_public_meur")}, ${word("MEUR")}`,
          t("outcome_jobs_total"),
          "",
        ],
        rows,
      ),
    );
  }

  #row(scenario, ensemble, runs, k) {
    const { data } = this.lab,
      held = Object.keys(scenario.held).length;
    const title = element(
      "span",
      {},
      scenario.title,
      held ? element("small", {}, ` · ${t("held_count", { count: held })}`) : null,
    );
    const buttons = element(
      "span",
      { class: "row" },
      element(
        "button",
        {
          type: "button",
          class: "small",
          "aria-label": t("load_of", { name: scenario.title }),
          onclick: () => this.lab.change(structuredClone(scenario)),
        },
        t("load"),
      ),
      element(
        "button",
        {
          type: "button",
          class: "small",
          "aria-label": t("drop_of", { name: scenario.title }),
          onclick: () => {
            this.kept.splice(k, 1);
            this.lab.run();
          },
        },
        t("drop"),
      ),
    );
    const years = Object.keys(data.targets);
    if (!runs) return [title, "…", "", ...years.map(() => ""), "", "", buttons];
    const middle = (name) => quantiles(ensemble.outcome(name, runs), [0.5])[0];
    return [
      title,
      number(runs, 0),
      percent(middle(`abated_share_${data.report_years.at(-1)}`)),
      ...years.map((year) => percent(chance(without(ensemble.outcome(`target_${year}_met`, runs))).mean)),
      number(middle("public_meur"), 0),
      number(middle("jobs_total"), 0),
      buttons,
    ];
  }
}
