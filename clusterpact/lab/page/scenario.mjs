// A scenario: a package under way (instruments, their steps over years) and what is held; data, undone step by step.

const STEPS = 30; // most of a schedule
export const LONGEST_TITLE = 100;

/** A scenario that begins as a package of the experiment. */
export function begun(policy) {
  return {
    base: policy.name,
    title: policy.title,
    governance_mode: policy.governance_mode,
    schedules: structuredClone(policy.schedules),
    held: {},
  };
}

/** The package of a scenario, as the engine takes it; practices and budgets are those of the package that it began as. */
export function policyOf(scenario, data) {
  const { practices, budgets } = data.policies.find(({ name }) => name === scenario.base);
  return { governance_mode: scenario.governance_mode, schedules: scenario.schedules, practices, budgets };
}

/** Steps of an instrument: [year, level] in rising years; year 0 is ever. */
export const steps = (scenario, name) => scenario.schedules[name] ?? [];

/** A scenario with the steps of an instrument changed; none leaves it to the law of the place. */
export function withSteps(scenario, name, points) {
  const { [name]: _, ...others } = scenario.schedules;
  return { ...scenario, schedules: points.length ? { ...others, [name]: points } : others };
}

/** Steps with one at a new level. */
export const atLevel = (points, place, value) => points.map(([year, old], k) => [year, k === place ? value : old]);

/** Steps with one moved to a year, as far as its neighbours and the horizon let it. */
export function atYear(points, place, year, { first_year, last_year }) {
  const low = place ? points[place - 1][0] + 1 : first_year,
    high = place < points.length - 1 ? points[place + 1][0] - 1 : last_year;
  return points.map(([old, value], k) => [k === place ? Math.min(high, Math.max(low, Math.round(year))) : old, value]);
}

/** Steps with one more, in the middle of the longest stretch, and where it stands; as they are if there is no room. */
export function withStep(points, value, { first_year, last_year }) {
  if (!points.length) return [[[first_year, value]], 0];
  if (points.length >= STEPS) return [points, points.length - 1];
  const shown = points.map(([year]) => Math.max(year, first_year)),
    ends = [...shown.slice(1), last_year + 1];
  const gaps = shown.map((year, k) => ends[k] - year),
    place = gaps.indexOf(Math.max(...gaps));
  if (gaps[place] < 2) return [points, place];
  const year = shown[place] + Math.floor(gaps[place] / 2),
    before = points.map(([, held], k) => [shown[k], held]);
  return [[...before.slice(0, place + 1), [year, value], ...before.slice(place + 1)], place + 1];
}

/** Steps that many years later; those that would come after the horizon are gone. */
export const later = (points, years, { first_year, last_year }) =>
  points.map(([year, value]) => [Math.max(year, first_year) + years, value]).filter(([year]) => year <= last_year);

export const withoutStep = (points, place) => points.filter((_, k) => k !== place);

/** What was done, and what was undone. Changes that share a `tag` in a row (one slider dragged) are one step. */
export class History {
  constructor(first) {
    Object.assign(this, { now: first, past: [], future: [], tag: null });
  }

  change(scenario, tag = null) {
    if (tag === null || tag !== this.tag) this.past.push(this.now);
    Object.assign(this, { now: scenario, future: [], tag });
  }

  settle() {
    this.tag = null;
  }

  undo() {
    this.#turn(this.past, this.future);
  }

  redo() {
    this.#turn(this.future, this.past);
  }

  #turn(from, onto) {
    if (!from.length) return;
    onto.push(this.now);
    Object.assign(this, { now: from.pop(), tag: null });
  }
}

const isTable = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isNumber = (value) => typeof value === "number" && Number.isFinite(value);

/** A scenario that came from outside, checked to the last number; throws RangeError(key of what is wrong) otherwise. */
export function checked(given, data) {
  const wrong = (what) => {
    throw new RangeError(String(what).slice(0, 60));
  };
  if (!isTable(given)) wrong("scenario");
  const known = new Set(["base", "title", "governance_mode", "schedules", "held"]);
  for (const key of Object.keys(given)) if (!known.has(key)) wrong(key);
  const { base, title, governance_mode = null, schedules, held } = given;
  const policy = data.policies.find(({ name }) => name === base);
  if (typeof base !== "string" || !policy || policy.fixed) wrong("base");
  if (typeof title !== "string" || title.length > LONGEST_TITLE || /[\u0000-\u001f\u007f\ud800-\udfff]/u.test(title))
    wrong("title");
  if (governance_mode !== null && !data.governance_modes.includes(governance_mode)) wrong("governance_mode");
  if (!isTable(schedules)) wrong("schedules");
  if (!isTable(held)) wrong("held");
  const read = { base, title, governance_mode, schedules: {}, held: {} };
  for (const [name, points] of Object.entries(schedules)) {
    const about = data.instruments.find((one) => one.name === name) ?? wrong(name);
    read.schedules[name] = checkedSteps(points, about) ?? wrong(name);
  }
  for (const [name, value] of Object.entries(held)) {
    const about = data.uncertainty.find((one) => one.name === name) ?? wrong(name);
    if (!isNumber(value) || value < about.low || value > about.high) wrong(name);
    read.held[name] = value;
  }
  return read;
}

function checkedSteps(points, { low, high }) {
  if (!Array.isArray(points) || !points.length || points.length > STEPS) return null;
  let before = -1;
  for (const point of points) {
    if (!Array.isArray(point) || point.length !== 2) return null;
    const [year, value] = point,
      always = year === 0 && points.length === 1;
    if (!Number.isInteger(year) || !(always || (year >= 1990 && year <= 2200)) || year <= before) return null;
    if (!isNumber(value) || value < low || value > high) return null;
    before = year;
  }
  return points.map(([year, value]) => [year, value]);
}
