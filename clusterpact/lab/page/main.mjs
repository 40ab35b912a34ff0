// The lab: puts data, threads, levers and answers together.

import { moneyTable, networkTable, sentence, targetCards } from "./answers.mjs";
import { Chart } from "./charts.mjs";
import { causes, emissions, gates } from "./figures.mjs";
import { Levers } from "./levers.mjs";
import { scenarioOf } from "./link.mjs";
import { Pool, STAGES } from "./pool.mjs";
import { History, begun, policyOf } from "./scenario.mjs";
import { LANGUAGES, element, number, speak, t, word } from "./texts.mjs";
import { Outputs } from "./outputs.mjs";
import { Saved } from "./saved.mjs";
import { WhatIf } from "./whatif.mjs";
import { Why } from "./why.mjs";

const FIRST = STAGES[0],
  WAIT_MS = 250;
const at = (id) => document.getElementById(id);
const read = (id) => at(id).textContent;

class Lab {
  constructor() {
    this.data = JSON.parse(read("data"));
    this.texts = JSON.parse(read("texts"));
    const { data } = this,
      first =
        data.policies.find((one) => !one.fixed && one.name !== data.baseline) ??
        data.policies.find((one) => one.name === data.baseline);
    this.baseline = begun(data.policies.find(({ name }) => name === data.baseline));
    this.history = new History(begun(first));
    this.pool = new Pool(data, read("wasm"), read("thread"), {
      changed: () => this.#later(),
      failed: (text) => this.say("failed", { text }),
    });
    this.saved = new Saved(this);
    this.outputs = new Outputs(this);
    this.whatIf = new WhatIf(this);
    this.why = new Why(this);
    this.charts = {
      emissions: this.#chart("emissions", 340),
      causes: this.#chart("causes", 250),
      why: this.#chart("why", 250),
      plants: this.#chart("plants", 200),
    };
    addEventListener("hashchange", () => this.follow());
    addEventListener("keydown", (event) => this.#pressed(event));
    for (const name of ["undo", "redo"]) at(name).addEventListener("click", () => this.#turn(name));
    at("reset").addEventListener("click", () => this.#begin(this.scenario.base));
    at("preset").addEventListener("change", () => this.#begin(at("preset").value));
    at("language").replaceChildren(
      ...Object.entries(LANGUAGES).map(([code, name]) => element("option", { value: code, lang: code }, name)),
    );
    at("language").addEventListener("change", () => this.say_in(at("language").value));
    const code = (navigator.language || "en").slice(0, 2);
    this.say_in(this.texts.start ?? (Object.hasOwn(LANGUAGES, code) ? code : "en"));
    this.follow();
  }

  get scenario() {
    return this.history.now;
  }

  get preset() {
    return this.data.policies.find(({ name }) => name === this.scenario.base);
  }

  #chart(id, height) {
    return new Chart(document.querySelector(`#${id} .figure`), this.data, () =>
      innerWidth < 600 ? Math.min(height, id === "emissions" ? 170 : 240) : height,
    );
  }

  /** Everything in another language. */
  say_in(code) {
    speak(code, this.texts.page, this.texts.words);
    document.documentElement.lang = code;
    at("language").value = code;
    for (const one of document.querySelectorAll("[data-t]")) one.textContent = t(one.dataset.t);
    for (const id of ["undo", "redo", "reset", "keep"]) at(id).textContent = t(id);
    at("ask-matters").textContent = t("ask_matters");
    const { rules } = this.texts;
    at("other-rules").hidden = rules === this.data.rules;
    at("other-rules").textContent = t("other_rules", { mine: rules.slice(0, 12), theirs: this.data.rules.slice(0, 12) });
    document.title = at("title").textContent = t("title", { cluster: this.data.cluster_title });
    at("about").textContent = t("about", { title: this.data.title, first: this.data.first_year, last: this.data.last_year });
    at("preset").replaceChildren(
      ...this.data.policies.map((one) =>
        element("option", { value: one.name }, word(one.title) + (one.fixed ? ` (${t("shown_only")})` : "")),
      ),
    );
    this.levers = new Levers(
      at("instruments"),
      this.data,
      Object.assign((scenario, tag) => this.change(scenario, tag), { settle: () => this.history.settle() }),
    );
    this.whatIf.build();
    this.why.build();
    this.outputs.build();
    this.#moved();
  }

  /** One line about something that did not work; nothing else happens. */
  say(key, values) {
    at("message").textContent = key ? t(key, values) : "";
    at("message").hidden = !key;
  }

  /** What the address carries, if it carries something. */
  follow() {
    try {
      const scenario = scenarioOf(location.hash, this.data);
      if (scenario) this.change(scenario);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.say("bad_link", { what: error.message });
    }
  }

  change(scenario, tag = null) {
    if (this.preset.fixed && scenario.base === this.scenario.base) return;
    this.say(null);
    this.history.change(scenario, tag);
    this.#moved();
  }

  #begin(name) {
    this.change({ ...begun(this.data.policies.find((one) => one.name === name)), held: this.scenario.held });
  }

  #turn(name) {
    this.history[name]();
    this.#moved();
  }

  #pressed(event) {
    if (
      !(event.ctrlKey || event.metaKey) ||
      event.key.toLowerCase() !== "z" ||
      /^(text|search)?$/.test(event.target.type ?? "-")
    )
      return;
    event.preventDefault();
    this.#turn(event.shiftKey ? "redo" : "undo");
  }

  #moved() {
    const { scenario, preset } = this;
    at("preset").value = scenario.base;
    at("description").textContent = word(preset.description);
    at("undo").disabled = !this.history.past.length;
    at("redo").disabled = !this.history.future.length;
    this.levers.show(scenario, preset.fixed);
    this.whatIf.show();
    document.querySelector("main").classList.add("stale");
    document.querySelector("main").classList.toggle("fixed", preset.fixed);
    if (preset.fixed) at("sentence").textContent = t("fixed_about", { command: this.data.command });
    this.run();
  }

  /** Ask for the runs of the scenario, its baseline, and what is saved or asked; the first band comes first. */
  run() {
    const { held } = this.scenario;
    const first = this.preset.fixed ? [] : [this.scenario, { ...this.baseline, held }];
    const asked = first.map((one) => ({ policy: policyOf(one, this.data), held }));
    const found = this.pool.want([...asked, ...this.saved.wanted(), ...this.why.wanted()]);
    this.shown = found.length && first.length ? [found[0], found[1]] : null;
    this.others = found.slice(first.length);
    this.#later();
  }

  /** Draw soon: at once for the first band, then not more often than eyes follow. */
  #later() {
    const hurry = document.querySelector("main").classList.contains("stale");
    if (hurry && this.slow) clearTimeout(this.timer);
    else if (this.timer !== undefined) return;
    this.slow = !hurry;
    this.timer = setTimeout(
      () => {
        this.timer = undefined;
        this.slow = false;
        requestAnimationFrame(() => this.#draw());
      },
      hurry ? 0 : WAIT_MS,
    );
  }

  #draw() {
    if (this.preset.fixed) return;
    if (!this.shown && this.pool.names) return this.run();
    if (!this.shown) return;
    const [mine, base] = this.shown,
      runs = Math.min(mine.done, base.done),
      few = runs < FIRST;
    at("progress").value = runs / STAGES.at(-1);
    at("runs").textContent = t(few ? "running" : "on_runs", { runs: number(runs, 0), most: number(STAGES.at(-1), 0) });
    document.querySelector("main").classList.toggle("stale", few);
    if (few) return;
    if (mine.failed.length) this.say("failed_runs", { count: mine.failed.length });
    const key = [mine.key, base.key, runs, document.documentElement.lang].join();
    if (key !== this.drawn) this.#results(mine, base, runs);
    this.drawn = key;
    this.saved.show();
    this.why.matters();
  }

  #results(mine, base, runs) {
    const { data } = this;
    this.charts.emissions.show(emissions(data, mine, base, runs));
    this.charts.causes.show(causes(data, mine, base));
    this.charts.why.show(gates(data, mine, base));
    document.querySelector("#targets .cards").replaceChildren(...targetCards(data, mine, base, runs));
    at("money-table").replaceChildren(moneyTable(data, mine, base, runs));
    at("network-table").replaceChildren(networkTable(data, mine, base, runs));
    this.why.show(mine);
    if (STAGES.includes(runs)) at("sentence").textContent = sentence(data, mine, base, runs, this.name());
  }

  /** What the scenario is called: the title of its package, marked where it was changed. */
  name() {
    const same =
      JSON.stringify(this.scenario.schedules) === JSON.stringify(this.preset.schedules) &&
      this.scenario.governance_mode === this.preset.governance_mode;
    if (this.scenario.title !== this.preset.title) return this.scenario.title;
    return same ? word(this.preset.title) : t("changed", { title: word(this.preset.title) });
  }
}

globalThis.lab = new Lab();
