// Threads and what they have run: ensembles of runs on common luck, which grow while nobody moves anything.

const PIECE = 8; // runs of a message: small, so that a move need not wait
export const STAGES = [64, 256, 1000]; // runs
const KEPT = 16; // ensembles that are remembered
const SWITCHED = 10; // the gate of a plant that has switched

/** Runs of one package: rows in the order of run numbers; `done` of them are there without a gap. */
export class Ensemble {
  constructor(key, policy, held, data, names) {
    Object.assign(this, { key, policy, held, names });
    this.years = data.world.years;
    this.most = STAGES.at(-1);
    this.next = this.done = 0;
    this.failed = [];
    this.waiting = new Map();
    this.outcomes = new Float64Array(this.most * names.length);
    this.emitted = new Float64Array(this.most * this.years);
    this.sums = new Float64Array(this.years * data.world.measures.length);
    this.gates = new Uint32Array(data.world.firms * this.years * (data.gate_names.length + 1));
  }

  /** Take a piece in; what comes before its turn waits, so that sums go in the order of runs. */
  add(piece, place) {
    this.waiting.set(place, piece);
    for (let found; (found = this.waiting.get(this.done));) {
      this.waiting.delete(this.done);
      this.outcomes.set(found.outcomes, this.done * this.names.length);
      this.emitted.set(found.emitted, this.done * this.years);
      found.sums.forEach((value, k) => {
        this.sums[k] += value;
      });
      found.gates.forEach((value, k) => {
        this.gates[k] += value;
      });
      this.failed.push(...found.failed);
      this.done += found.count;
    }
  }

  /** An outcome of the first runs; NaN where it is empty. */
  outcome(name, runs = this.done) {
    const column = this.names.indexOf(name),
      width = this.names.length;
    return Float64Array.from({ length: runs }, (_, k) => this.outcomes[k * width + column]);
  }

  /** In what share of runs a plant has switched by the end of the horizon. */
  switchedShare(firm, data) {
    const steps = data.gate_names.length + 1;
    return this.gates[(firm * this.years + this.years - 1) * steps + SWITCHED] / (this.done - this.failed.length);
  }

  /** Emissions of the first runs in a year (its place), kt. */
  emittedIn(year, runs = this.done) {
    return Float64Array.from({ length: runs }, (_, k) => this.emitted[k * this.years + year]);
  }
}

/** Workers over a list of wanted ensembles: first ones first, each to a stage before any goes beyond it. */
export class Pool {
  /** changed(ensemble): called when runs came in; failed(text): when a worker cannot run at all. */
  constructor(data, wasm, source, { changed, failed, threads = navigator.hardwareConcurrency || 2 }) {
    Object.assign(this, { data, changed, names: null });
    this.wanted = [];
    this.known = new Map();
    this.idle = [];
    this.single = null;
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    this.workers = Array.from({ length: Math.max(1, Math.min(8, threads)) }, () => {
      const worker = new Worker(url);
      worker.onmessage = ({ data: answer }) => (answer.error ? failed(answer.error) : this.#answered(worker, answer));
      worker.onerror = (event) => failed(event.message || "worker");
      worker.postMessage({ data, wasm });
      return worker;
    });
  }

  /** Run these from now on: a list of { policy, held, most } (most: runs); what nobody wants any more is left as it is. */
  want(list) {
    this.asked = list;
    if (!this.names) return [];
    this.wanted = list.map((one) => ({ ensemble: this.#ensemble(one), most: one.most ?? STAGES.at(-1) }));
    const used = new Set(this.wanted.map(({ ensemble }) => ensemble.key));
    for (const key of this.known.keys()) {
      if (this.known.size <= Math.max(KEPT, used.size)) break;
      if (!used.has(key)) this.known.delete(key);
    }
    this.#spread();
    return this.wanted.map(({ ensemble }) => ensemble);
  }

  /** One run of an ensemble's package, with all that it did, before anything else; asked again, only the last is answered. */
  one({ policy, held }, number, answer) {
    this.single = { message: { single: number, policy, held }, answer };
    this.#spread();
  }

  /** Whether everything that is wanted has been run. */
  get settled() {
    return this.names !== null && this.wanted.every(({ ensemble, most }) => ensemble.done >= most);
  }

  #ensemble({ policy, held }) {
    const { schedules, governance_mode, practices, budgets } = policy;
    const rising = (table) => Object.entries(table).sort(([a], [b]) => (a < b ? -1 : 1));
    const key = JSON.stringify([rising(schedules), governance_mode, practices, budgets, rising(held)]);
    const found = this.known.get(key) ?? new Ensemble(key, structuredClone(policy), { ...held }, this.data, this.names);
    this.known.delete(key); // the last used stands last
    this.known.set(key, found);
    return found;
  }

  #answered(worker, answer) {
    if (answer.names) {
      this.names ??= answer.names;
      this.want(this.asked ?? []);
    } else if (answer.run) {
      worker.answer?.(answer.run);
    } else {
      const ensemble = this.known.get(answer.job);
      ensemble?.add(answer, answer.first - this.data.first_run);
      if (ensemble) this.changed(ensemble);
    }
    this.idle.push(worker);
    this.#spread();
  }

  #task() {
    for (const stage of STAGES)
      for (const { ensemble, most } of this.wanted) if (ensemble.next < Math.min(stage, most)) return ensemble;
    return null;
  }

  #spread() {
    if (this.single && this.idle.length) {
      const worker = this.idle.pop();
      worker.answer = this.single.answer;
      worker.postMessage(this.single.message);
      this.single = null;
    }
    for (let ensemble; this.idle.length && (ensemble = this.#task());) {
      const count = Math.min(PIECE, ensemble.most - ensemble.next),
        first = this.data.first_run + ensemble.next;
      ensemble.next += count;
      this.idle.pop().postMessage({ job: ensemble.key, policy: ensemble.policy, held: ensemble.held, first, count });
    }
  }
}
