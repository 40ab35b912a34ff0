// The instruments, by who moves them: strength, start and steps of each, who pays, and what it does.

import { atLevel, atYear, steps, withStep, withSteps, withoutStep } from "./scenario.mjs";
import { Schedule } from "./schedule.mjs";
import { element, level, t, word } from "./texts.mjs";

const NARROW = 860; // px: there groups begin folded

/** A row for one instrument. */
class Lever {
  constructor(about, data, change) {
    this.about = { ...about, shown: word(about.title) };
    Object.assign(this, { data, change, chosen: 0, id: `lever-${about.name}` });
    this.value = element("output", { for: this.id, class: "value" });
    this.slider = element("input", {
      type: "range",
      id: this.id,
      min: about.low,
      max: about.high,
      step: about.step,
      "aria-describedby": `${this.id}-help`,
      oninput: () => this.#strength(Number(this.slider.value), `${about.name}:level`),
      onchange: () => this.change.settle(),
    });
    this.schedule = new Schedule(this.about, data, this.#moves());
    this.add = this.#button(t("add_step"), null, () => this.#step());
    this.clear = this.#button(t("clear"), t("clear_of", { name: this.about.shown }), () => this.#points(() => []));
    this.when = element("span", { class: "when" });
    const below = element("div", { class: "row" }, this.when, this.add, this.clear);
    this.timing = element("div", { class: "timing" }, this.schedule.drawing, below);
    this.row = this.#row();
  }

  #button(text, label, onclick) {
    return element("button", { type: "button", class: "small", "aria-label": label, onclick }, text);
  }

  #row() {
    const { shown, payer, meaning, unit } = this.about;
    const span = Object.fromEntries(["low", "high", "typical"].map((key) => [key, level(this.about[key], unit)]));
    const help = element("p", { id: `${this.id}-help` }, `${word(meaning)}. ${t("range", span)}`);
    const head = element("div", { class: "row" }, element("label", { for: this.id }, shown), this.value);
    const more = element("details", { class: "help" }, element("summary", {}, t("pays", { who: word(payer) })), help);
    return element("div", { class: "lever", "data-name": this.about.name }, head, this.slider, this.timing, more);
  }

  /** What the handles of the schedule report. */
  #moves() {
    const { name, step } = this.about;
    return {
      chosen: (place) => {
        this.chosen = place;
        this.show(this.scenario);
      },
      moved: (place, year) => {
        this.chosen = place;
        this.#points((points) => atYear(points, place, year, this.data), `${name}:year`);
      },
      raised: (place, by) => {
        this.chosen = place;
        this.#strength(this.#now()[place][1] + by * step, `${name}:level`);
      },
      removed: (place) => this.#removed(place),
      dropped: () => this.change.settle(),
    };
  }

  #now() {
    return steps(this.scenario, this.about.name);
  }

  #points(made, tag = null) {
    this.change(withSteps(this.scenario, this.about.name, made(this.#now())), tag);
  }

  #strength(value, tag) {
    const { low, high, step } = this.about;
    const tidy = Math.min(high, Math.max(low, Number((Math.round(value / step) * step).toPrecision(12))));
    this.#points((points) => (points.length ? atLevel(points, this.chosen, tidy) : [[this.data.first_year, tidy]]), tag);
  }

  #step() {
    const points = this.#now(),
      strength = points.at(-1)?.[1] ?? this.about.typical;
    const [more, place] = withStep(points, strength, this.data);
    this.chosen = place;
    this.#points(() => more);
    this.schedule.handles[place]?.focus({ preventScroll: true });
  }

  #removed(place) {
    this.chosen = Math.max(0, place - 1);
    this.#points((points) => withoutStep(points, place));
    (this.schedule.handles[this.chosen] ?? this.slider).focus({ preventScroll: true });
  }

  /** Show what a scenario says of the instrument; fixed: nothing can be moved. */
  show(scenario, fixed = this.fixed) {
    Object.assign(this, { scenario, fixed });
    const points = this.#now(),
      { unit } = this.about;
    this.chosen = Math.min(this.chosen, Math.max(0, points.length - 1));
    const strength = points[this.chosen]?.[1] ?? 0,
      year = points[this.chosen]?.[0] ?? 0;
    if (Number(this.slider.value) !== strength) this.slider.value = strength;
    this.value.textContent = points.length ? level(strength, unit) : t("off");
    this.slider.setAttribute("aria-valuetext", this.value.textContent);
    this.row.classList.toggle("on", points.length > 0);
    this.timing.hidden = !points.length;
    this.when.textContent = points.length
      ? t("from_year", { level: level(strength, unit), year: Math.max(year, this.data.first_year) })
      : "";
    for (const control of [this.slider, this.add, this.clear]) control.disabled = fixed;
    this.schedule.drawing.classList.toggle("fixed", Boolean(fixed));
    this.schedule.show(points, this.chosen);
  }
}

/** All instruments in groups by stakeholder, and who decides in the pact. change(scenario, tag) takes what is moved. */
export class Levers {
  constructor(place, data, change) {
    this.levers = data.instruments.map((about) => new Lever(about, data, change));
    this.mode = element(
      "select",
      { id: "governance-mode", onchange: () => change({ ...this.scenario, governance_mode: this.mode.value || null }) },
      element("option", { value: "" }, t("mode_of_cluster")),
      data.governance_modes.map((mode) => element("option", { value: mode }, word(mode))),
    );
    const groups = [...new Set(data.instruments.map(({ who }) => who))];
    this.groups = groups.map((who) => {
      const count = element("span", { class: "count" });
      const rows = this.levers.filter(({ about }) => about.who === who).map(({ row }) => row);
      const mode =
        who === "pact"
          ? element("div", { class: "lever" }, element("label", { for: "governance-mode" }, t("mode")), this.mode)
          : null;
      return {
        who,
        count,
        box: element(
          "details",
          { class: "group", open: innerWidth > NARROW },
          element("summary", {}, t(`who_${who}`), " ", count),
          rows,
          mode,
        ),
      };
    });
    place.replaceChildren(...this.groups.map(({ box }) => box));
  }

  show(scenario, fixed) {
    this.scenario = scenario;
    for (const lever of this.levers) lever.show(scenario, fixed);
    this.mode.value = scenario.governance_mode ?? "";
    this.mode.disabled = fixed;
    for (const { who, count } of this.groups) {
      const active = this.levers.filter(({ about }) => about.who === who && steps(scenario, about.name).length).length;
      count.textContent = active ? t("in_force", { count: active }) : "";
    }
  }
}
