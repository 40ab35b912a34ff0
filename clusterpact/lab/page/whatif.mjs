// What if? An uncertainty held at one value in every run, under the package and under the baseline.

import { element, number, t, word } from "./texts.mjs";

/** From where to where an uncertainty can be held: where its draws fall, or its bounds where they have none of their own. */
const spanOf = ({ kind, numbers, low, high }) =>
  kind === "normal" ? [low, high] : [Math.min(...numbers), Math.max(...numbers)];

/** Where a slider stands before it is moved: the middle of what is drawn. */
function usualOf({ kind, numbers }) {
  if (kind === "normal") return numbers[0];
  return kind === "triangular" ? numbers[1] : numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
}

export class WhatIf {
  constructor(lab) {
    this.lab = lab;
  }

  build() {
    this.rows = this.lab.data.uncertainty.filter((one) => spanOf(one)[1] > spanOf(one)[0]).map((about) => this.#row(about));
    document.getElementById("held").replaceChildren(...this.rows.map(({ row }) => row));
  }

  #row(about) {
    const [low, high] = spanOf(about),
      id = `held-${about.name}`,
      text = word(about.meaning);
    const change = (value, tag = null) => {
      const { [about.name]: _, ...others } = this.lab.scenario.held;
      this.lab.change({ ...this.lab.scenario, held: value === null ? others : { ...others, [about.name]: value } }, tag);
    };
    const slider = element("input", {
      type: "range",
      id,
      min: low,
      max: high,
      step: (high - low) / 100,
      value: usualOf(about),
      "aria-label": text,
      oninput: () => change(Number(slider.value), id),
      onchange: () => this.lab.history.settle(),
    });
    const onchange = () => change(tick.checked ? Number(slider.value) : null);
    const tick = element("input", { type: "checkbox", id: `${id}-on`, onchange });
    const value = element("output", { for: id, class: "value" });
    const label = element("label", { for: `${id}-on` }, tick, ` ${text}`);
    const row = element("div", { class: "lever" }, label, element("div", { class: "row" }, slider, value));
    return { about, row, slider, tick, value };
  }

  show() {
    const { held } = this.lab.scenario;
    for (const { about, row, slider, tick, value } of this.rows) {
      const is = Object.hasOwn(held, about.name);
      tick.checked = is;
      slider.disabled = !is;
      if (is) slider.value = held[about.name];
      value.textContent = is
        ? `${number(held[about.name])} ${about.unit === "-" ? "" : word(about.unit)}`.trim()
        : t("drawn");
      row.classList.toggle("on", is);
    }
    const count = Object.keys(held).length;
    document.getElementById("held-count").textContent = count ? t("held_count", { count }) : "";
  }
}
