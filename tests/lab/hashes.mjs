// Hashes of runs in WebAssembly: node hashes.mjs ENGINE WASM DATA PACKAGE RUNS DIGITS; prints them as JSON, with outcomes.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const [engine, wasm, written, package_, runs, digits] = process.argv.slice(2);
const { Engine } = await import(engine);
const data = JSON.parse(readFileSync(written, "utf8"));
const lab = await new Engine(data, readFileSync(wasm)).ready;
lab.enforce(data.policies.find((policy) => policy.name === package_));
const hashes = [], outcomes = [];
for (let run = 0; run < Number(runs); run++) {
  const done = lab.one(run), hash = createHash("sha256");
  for (const name of ["series", "gates", "decisions", "networks"]) {
    const { buffer, byteOffset, byteLength } = done[name];
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  hashes.push(hash.digest("hex").slice(0, Number(digits)));
  outcomes.push(done.outcomes);
}
console.log(JSON.stringify({ hashes, outcomes }));
