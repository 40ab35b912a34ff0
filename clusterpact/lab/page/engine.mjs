// Runs of an experiment, as `clusterpact run` makes them: its draws, its packages as tables by year, and outcomes of a run.
// data: what clusterpact.lab.data writes. Sums go in the order of years, so that every bit is that of the batch.

import { Rules, unpacked } from "./rules.mjs";

const FRACTION = 1e-9; // of cumulative emissions; what is avoided less is rounding

/** The value of the last of some [year, value] points at or before a year; those listed later replace earlier ones. */
function held(points, year, before) {
  let value = before;
  for (const [start, level] of points) if (start <= year) value = level;
  return value;
}

/** An engine for one thread. `ready` is a promise; then `run` makes one run at a time. */
export class Engine {
  constructor(data, wasm) {
    this.data = data;
    this.seed = BigInt(data.seed);
    this.stream = BigInt(data.design_stream);
    this.place = Object.fromEntries(data.parameters.map((name, k) => [name, k]));
    this.column = Object.fromEntries(data.world.measures.map((name, k) => [name, k]));
    this.ready = this.#prepare(wasm);
  }

  async #prepare(wasm) {
    this.rules = await Rules.of(wasm, this.data.world);
    this.usual = this.rules.parameters.slice();
    const { ensemble } = this.data;
    if (ensemble) {
      const [text, edges] = await Promise.all([unpacked(ensemble.columns), unpacked(ensemble.edges)]);
      this.columns = new TextDecoder().decode(text).split("\n").map((line) => Float64Array.from(line.split(" "), Number));
      this.edges = new Float64Array(edges.buffer);
    }
    return this;
  }

  /** Parameters of a run by name: the usual, what the experiment fixes, what is drawn; held stands over what is drawn. */
  draws(number, held = {}) {
    const { data } = this;
    const found = { ...data.fixed };
    if (data.ensemble) {
      const row = this.#row(number);
      data.ensemble.names.forEach((name, k) => { found[name] = this.columns[k][row]; });
    }
    for (const one of data.uncertainty)
      found[one.name] = this.#quantile(one, this.#uniform(number, one.agent));
    return Object.assign(found, held);
  }

  #uniform(number, agent) { return this.rules.uniform(this.seed, BigInt(number), this.stream, BigInt(agent)); }

  #row(number) {
    const { ensemble } = this.data;
    if (ensemble.replicates) return Math.floor(number / ensemble.replicates);
    const u = this.#uniform(number, ensemble.agent);
    let low = 0, high = this.edges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (u < this.edges[middle]) high = middle; else low = middle + 1;
    }
    return Math.min(low, this.edges.length - 1);
  }

  #quantile({ kind, numbers: n, low, high }, u) {
    if (kind === "uniform") return n[0] + u * (n[1] - n[0]);
    if (kind === "normal") return this.rules.cutNormal(u, n[0], n[1], low, high);
    if (kind === "choice") return n[Math.floor(u * n.length)];
    const [least, mode, most] = n;
    if (most === least) return least;
    if (u < (mode - least) / (most - least)) return least + Math.sqrt(u * (most - least) * (mode - least));
    return most - Math.sqrt((1 - u) * (most - least) * (most - mode));
  }

  /** Put a package in force: its tables by cluster and year, where the law of the place stands for what it does not say. */
  enforce(policy) {
    const { data, rules } = this;
    const [start, , size] = rules.place("policy");
    const width = size / 8, names = data.policy_columns;
    const floats = new Float64Array(rules.memory.buffer, start), integers = new BigInt64Array(rules.memory.buffer, start);
    const mode = BigInt(data.governance_modes.indexOf(policy.governance_mode));
    const pots = names.indexOf("budget_meur_per_year");
    data.laws.forEach((law, cluster) => {
      for (let y = 0; y < data.world.years; y++) {
        const row = (cluster * data.world.years + y) * width, year = data.first_year + y;
        const points = (key, name) => [...(law[key][name] ?? []), ...(policy[key][name] ?? [])];
        data.instruments.forEach(({ name }) => { floats[row + names.indexOf(name)] = held(points("schedules", name), year, 0); });
        integers[row + names.indexOf("governance_mode")] = mode;
        data.budget_lines.forEach((line, k) => { floats[row + pots + k] = held(points("budgets", line), year, Infinity); });
      }
    });
    this.practices = Object.entries(policy.practices);
  }

  /** One run of the package in force: {outcomes, series, gates, decisions, networks}; arrays are overwritten by the next. */
  one(number, held = {}) {
    const { rules, place } = this;
    rules.parameters.set(this.usual);
    for (const [name, value] of Object.entries(this.draws(number, held))) rules.parameters[place[name]] = value;
    for (const [name, { value, bound }] of this.practices) {
      const drawn = rules.parameters[place[name]];
      rules.parameters[place[name]] = bound === "at_least" ? Math.max(drawn, value) : bound === "at_most" ? Math.min(drawn, value) : value;
    }
    rules.run(number);
    const { series, gates, decisions, networks } = rules;
    return { outcomes: this.outcomes(), series, gates, decisions, networks };
  }

  /** A run of a package, with arrays of its own; yearly: by measure. */
  run(policy, number, held = {}) {
    this.enforce(policy);
    const done = this.one(number, held);
    const yearly = Object.fromEntries(this.data.world.measures.map((name) => [name, this.year_by_year(name)]));
    return { outcomes: done.outcomes, yearly, gates: done.gates.slice(), decisions: done.decisions.slice(), networks: done.networks.slice() };
  }

  /** A measure by year, of the last run. */
  year_by_year(name) {
    const { series } = this.rules, width = this.data.world.measures.length, k = this.column[name];
    return Float64Array.from({ length: this.data.world.years }, (_, y) => series[y * width + k]);
  }

  #at(name, year) { return this.rules.series[(year - this.data.first_year) * this.data.world.measures.length + this.column[name]]; }

  #sum(name) {
    const { series } = this.rules, width = this.data.world.measures.length;
    let total = series[this.column[name]];
    for (let k = this.column[name] + width; k < series.length; k += width) total += series[k];
    return total;
  }

  #sums(names) { return names.map((name) => this.#sum(name)).reduce((total, one) => total + one, 0); }

  #most(name) {
    const { series } = this.rules, width = this.data.world.measures.length;
    let most = -Infinity;
    for (let k = this.column[name]; k < series.length; k += width) most = Math.max(most, series[k]);
    return most;
  }

  /** What the table `outcomes` has of a run; null where it is empty, true or false for targets. */
  outcomes() {
    const { data } = this, { first_year, last_year, world } = data, found = {};
    const targets = Object.entries(data.targets);
    const years = [...new Set([...data.report_years, ...targets.map(([year]) => Number(year))])].sort((a, b) => a - b);
    for (const year of years)
      for (const part of ["abated", ...data.causes]) found[`${part}_share_${year}`] = this.#at(`${part}_share`, year);
    for (const [year, share] of targets) found[`target_${year}_met`] = this.#at("abated_share", Number(year)) >= share;
    const half = this.year_by_year("abated_share").findIndex((share) => share >= 0.5);
    const cumulative = this.#sum("scope1_kt") / 1000, publicly = this.#sums(data.public_lines);
    const avoided = (data.baseline_kt * world.years) / 1000 - cumulative;
    Object.assign(found, {
      half_abated_year: half < 0 ? null : first_year + half, cumulative_mt: cumulative, avoided_mt: avoided,
      public_meur: publicly, loans_meur: this.#sum("concessional_meur"), most_guaranteed_meur: this.#most("guaranteed_meur"),
      private_meur: this.#sums(data.private_lines),
      public_eur_per_t: avoided > FRACTION * cumulative ? publicly / avoided : null,
    });
    for (const name of ["jobs_direct", "jobs_total", "gva_total_meur"]) found[name] = this.#at(name, last_year);
    found.stranded_meur = this.#sum("stranded_meur");
    for (const who of ["firms", "governments", "operators"]) found[`trust_in_${who}`] = this.#at(`trust_in_${who}`, last_year);
    for (const name of ["defaults", "reversals"]) found[name] = this.#sum(name);
    data.gate_names.forEach((_, k) => { found[`gate_${k + 1}_share`] = this.#sum(`gate_${k + 1}`) / world.years; });
    data.network_ids.forEach((name, n) => {
      const quarter = this.rules.networks[4 * n];
      found[`fid_year_${name}`] = quarter < 0 ? null : first_year + quarter / 4;
    });
    return found;
  }
}
