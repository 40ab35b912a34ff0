// A thread of the lab: makes runs in pieces and hands back what the page draws of them.

import { Engine } from "./engine.mjs";
import { unpacked } from "./rules.mjs";

const QUARTERS = 4;
let engine = null;

/** Runs of a package: outcomes (runs × names, NaN where empty), emissions, sums of measures, gates at the ends of years. */
function piece({ job, policy, held, first, count }) {
  const { world, gate_names } = engine.data,
    years = world.years,
    width = world.measures.length,
    steps = gate_names.length + 1;
  const names = engine.names,
    outcomes = new Float64Array(count * names.length).fill(NaN);
  const emitted = new Float64Array(count * years).fill(NaN),
    sums = new Float64Array(years * width);
  const gates = new Uint32Array(world.firms * years * steps),
    failed = [];
  const scope1 = world.measures.indexOf("scope1_kt");
  engine.enforce(policy);
  for (let k = 0; k < count; k++) {
    let done;
    try {
      done = engine.one(first + k, held);
    } catch {
      failed.push(first + k);
      continue;
    }
    names.forEach((name, n) => {
      if (done.outcomes[name] !== null) outcomes[k * names.length + n] = Number(done.outcomes[name]);
    });
    for (let y = 0; y < years; y++) emitted[k * years + y] = done.series[y * width + scope1];
    for (let n = 0; n < sums.length; n++) sums[n] += done.series[n];
    for (let f = 0; f < world.firms; f++)
      for (let y = 0; y < years; y++)
        gates[(f * years + y) * steps + done.gates[(f * years + y) * QUARTERS + QUARTERS - 1]]++;
  }
  return { job, first, count, outcomes, emitted, sums, gates, failed };
}

async function start({ data, wasm }) {
  engine = new Engine(data, await unpacked(wasm));
  await engine.ready;
  engine.enforce(data.policies[0]);
  engine.names = Object.keys(engine.one(data.first_run).outcomes);
  postMessage({ names: engine.names });
}

onmessage = async ({ data: message }) => {
  try {
    if (message.wasm) return await start(message);
    if (message.single !== undefined) return postMessage({ run: engine.run(message.policy, message.single, message.held) });
    const done = piece(message);
    postMessage(done, [done.outcomes.buffer, done.emitted.buffer, done.sums.buffer, done.gates.buffer]);
  } catch (error) {
    postMessage({ error: String(error?.message ?? error) });
  }
};
