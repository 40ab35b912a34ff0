// When an instrument starts and steps: handles on an axis of years, moved by pointer or keyboard.

import { element, level, t } from "./texts.mjs";

const WIDTH = 300,
  HEIGHT = 46,
  LEFT = 8,
  TOP = 6,
  GROUND = 30; // of the drawing's own units

/** An axis for one instrument. changed(place, year), chosen(place), removed(place), raised(place, by) say what is done. */
export class Schedule {
  constructor(about, data, report) {
    Object.assign(this, { about, data, report, points: [], chosen: 0, handles: [] });
    this.drawing = element("svg:svg", {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      class: "schedule",
      role: "group",
      "aria-label": t("schedule_of", { name: about.shown }),
    });
    this.area = element("svg:path", { class: "area" });
    this.drawing.append(this.area, ...this.#axis());
    this.drawing.addEventListener("pointermove", (event) => this.#dragged(event));
    for (const name of ["pointerup", "pointercancel"]) this.drawing.addEventListener(name, () => this.#dropped());
  }

  #x(year) {
    const { first_year, last_year } = this.data;
    return LEFT + ((Math.max(first_year, year) - first_year) / (last_year - first_year)) * (WIDTH - 2 * LEFT);
  }

  #axis() {
    const { first_year, last_year } = this.data,
      made = [element("svg:path", { class: "axis", d: `M${LEFT} ${GROUND}H${WIDTH - LEFT}` })];
    for (let year = first_year; year <= last_year; year++) {
      if (year % 5) continue;
      made.push(element("svg:path", { class: "axis", d: `M${this.#x(year)} ${GROUND}v3` }));
      if (year % 10 === 0)
        made.push(
          element(
            "svg:text",
            { x: this.#x(year), y: HEIGHT - 3, "text-anchor": year === last_year ? "end" : "middle" },
            String(year),
          ),
        );
    }
    return made;
  }

  /** Draw steps, of which one is chosen. */
  show(points, chosen) {
    Object.assign(this, { points, chosen });
    const high = Math.max(this.about.typical, ...points.map(([, value]) => value)),
      ground = GROUND;
    const y = (value) => ground - ((value - this.about.low) / (high - this.about.low || 1)) * (ground - TOP);
    let path = points.length ? `M${this.#x(points[0][0])} ${ground}` : "";
    points.forEach(([year, value], k) => {
      path += `V${y(value)}H${this.#x(points[k + 1]?.[0] ?? this.data.last_year)}`;
    });
    this.area.setAttribute("d", `${path}${points.length ? `V${ground}Z` : ""}`);
    while (this.handles.length > points.length) this.handles.pop().remove();
    while (this.handles.length < points.length) this.handles.push(this.#handle(this.handles.length));
    points.forEach(([year, value], k) => this.#place(this.handles[k], year, value, y(value), k === chosen));
  }

  #handle(place) {
    const made = element(
      "svg:g",
      {
        class: "handle",
        tabindex: 0,
        role: "slider",
        onpointerdown: (event) => this.#taken(event, place),
        onfocus: () => this.report.chosen(place),
        onkeydown: (event) => this.#pressed(event, place),
        onkeyup: () => this.report.dropped(),
      },
      element("svg:circle", { class: "reach", r: 13 }),
      element("svg:circle", { class: "dot", r: 5.5 }),
    );
    this.drawing.append(made);
    return made;
  }

  #place(handle, year, value, y, chosen) {
    const { first_year, last_year } = this.data,
      shown = Math.max(first_year, year);
    handle.setAttribute("transform", `translate(${this.#x(year)} ${y})`);
    handle.classList.toggle("chosen", chosen && this.points.length > 1);
    const said = t("from_year", { level: level(value, this.about.unit), year: shown });
    for (const [name, text] of Object.entries({
      "aria-label": t("start_of", { name: this.about.shown }),
      "aria-valuemin": first_year,
      "aria-valuemax": last_year,
      "aria-valuenow": shown,
      "aria-valuetext": said,
    }))
      handle.setAttribute(name, text);
  }

  #taken(event, place) {
    event.preventDefault();
    this.held = place;
    this.drawing.setPointerCapture(event.pointerId);
    this.handles[place].focus({ preventScroll: true });
  }

  #dragged(event) {
    if (this.held === undefined) return;
    const box = this.drawing.getBoundingClientRect(),
      { first_year, last_year } = this.data;
    const x = ((event.clientX - box.left) / box.width) * WIDTH;
    this.report.moved(this.held, first_year + ((x - LEFT) / (WIDTH - 2 * LEFT)) * (last_year - first_year));
  }

  #dropped() {
    if (this.held !== undefined) this.report.dropped();
    this.held = undefined;
  }

  #pressed(event, place) {
    const year = Math.max(this.data.first_year, this.points[place][0]);
    const move = { ArrowLeft: -1, ArrowRight: 1, PageDown: -5, PageUp: 5 }[event.key],
      raise = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (move) this.report.moved(place, year + move);
    else if (raise) this.report.raised(place, raise);
    else if (event.key === "Home") this.report.moved(place, this.data.first_year);
    else if (event.key === "End") this.report.moved(place, this.data.last_year);
    else if (event.key === "Delete" || event.key === "Backspace") this.report.removed(place);
    else return;
    event.preventDefault();
  }
}
