// The rules of the kernel (rules.wasm) and a world in their memory: one run at a time, the same bits as `clusterpact run`.
// A world is what clusterpact.lab.world writes. No page, no clock, no chance of its own: node runs this too.

const PAGE_BYTES = 65536, ALIGN = 16, DECISIONS = 3, NETWORK = 4;

/** Bytes of a text that clusterpact.lab.world.packed made. */
export async function unpacked(text) {
  const deflated = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([deflated]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** A world that can be run. Its `series`, `gates`, `decisions`, `networks` and `starts` hold what the last run did. */
export class Rules {
  /** wasm: bytes of rules.wasm or a compiled module; world: plain data of clusterpact.lab.world. */
  static async of(wasm, world) {
    const module = wasm instanceof WebAssembly.Module ? wasm : await WebAssembly.compile(wasm);
    const [template, parameters] = await Promise.all([unpacked(world.template), unpacked(world.parameters)]);
    return new Rules(module, world, template, parameters);
  }

  constructor(module, world, template, parameters) {
    const years = world.years, measures = world.measures.length;
    const sizes = {
      template: template.length, state: template.length, parameters: parameters.length,
      templateTable: 16 * (world.arrays.length + 1), stateTable: 16 * (world.arrays.length + 1),
      arguments: 8 * 19, number: 8, back: 32,
      series: 8 * years * measures, gates: 4 * years * world.firms, decisions: 2 * DECISIONS * world.decided,
      networks: 8 * NETWORK * world.networks, starts: 2 * world.triggers,
    };
    this.memory = new WebAssembly.Memory({ initial: 32 });
    this.code = new WebAssembly.Instance(module, { env: { memory: this.memory } }).exports;
    const at = {};
    let end = this.code.__heap_base.value;
    for (const [name, size] of Object.entries(sizes)) {
      at[name] = end = Math.ceil(end / ALIGN) * ALIGN;
      end += size;
    }
    const missing = Math.ceil(end / PAGE_BYTES) - this.memory.buffer.byteLength / PAGE_BYTES;
    if (missing > 0) this.memory.grow(missing);
    this.world = world;
    this.at = at;
    this.bytes = new Uint8Array(this.memory.buffer);
    this.view = new DataView(this.memory.buffer);
    this.bytes.set(template, at.template);
    this.bytes.set(template, at.state);
    this.bytes.set(parameters, at.parameters);
    this.#table(at.templateTable, at.template);
    this.#table(at.stateTable, at.state);
    this.#arguments(parameters.length / 8);
    const memory = this.memory.buffer;
    this.parameters = new Float64Array(memory, at.parameters, parameters.length / 8);
    this.series = new Float64Array(memory, at.series, years * measures);
    this.gates = new Uint8Array(memory, at.gates, sizes.gates);
    this.decisions = new Int16Array(memory, at.decisions, DECISIONS * world.decided);
    this.networks = new Float64Array(memory, at.networks, NETWORK * world.networks);
    this.starts = new Int16Array(memory, at.starts, world.triggers);
  }

  /** Addresses and counts of all arrays that begin at an address, and then of the words that a run starts anew. */
  #table(table, start) {
    let place = start;
    const rows = this.world.arrays.map(([, count, size]) => { const row = [place, count]; place += count * size; return row; });
    [...rows, [start, this.world.run_words]].flat().forEach((value, k) => this.#set(table + 8 * k, value));
  }

  #arguments(words) {
    const { at, world } = this;
    const values = [at.stateTable, at.templateTable, at.number, at.parameters, at.series, at.gates, at.decisions, at.networks,
                    at.back, at.starts, words, world.years, world.measures.length, world.firms, world.decided, world.networks, 0,
                    world.triggers, 1];
    values.forEach((value, k) => this.#set(at.arguments + 8 * k, value));
  }

  #set(address, value) { this.view.setBigInt64(address, BigInt(value), true); }

  /** Where the records of an array of the template lie: [address, count, bytes of one]. */
  place(name) {
    let place = this.at.template;
    for (const [other, count, size] of this.world.arrays) {
      if (other === name) return [place, count, size];
      place += count * size;
    }
    throw new RangeError(`no array ${name}`);
  }

  /** Run the run of a number (its luck) with the parameters that stand in `parameters`. */
  run(number) {
    this.bytes.fill(0, this.at.series, this.at.series + this.series.byteLength);
    this.#set(this.at.number, number);
    if (this.code.run(this.at.back, this.at.back + 8, BigInt(this.at.arguments)) !== 0)
      throw new RangeError(`run ${number}: a number is not finite, or the books do not balance`);
  }

  /** A number in [0, 1): see clusterpact.agents.chance.uniform. Integers as BigInt. */
  uniform(seed, run, stream, agent, quarter = 0n) {
    this.code.uniform(this.at.back, this.at.back + 8, seed, run, stream, agent, quarter);
    return this.view.getFloat64(this.at.back, true);
  }

  /** Quantile of a cut normal number: see clusterpact.agents.chance.cut_normal. */
  cutNormal(u, mean, sd, low, high) {
    this.code.cut_normal(this.at.back, this.at.back + 8, u, mean, sd, low, high);
    return this.view.getFloat64(this.at.back, true);
  }
}
