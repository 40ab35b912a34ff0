// A scenario in the part of an address that no server sees, and back; what comes in is checked to the last number.

import { checked } from "./scenario.mjs";

const START = "#s=",
  LONGEST = 20000; // letters
const VERSION = 1;

/** The fragment that carries a scenario of an experiment. */
export function fragmentOf(scenario, data) {
  const bytes = new TextEncoder().encode(JSON.stringify({ version: VERSION, experiment: data.name, scenario }));
  return (
    START +
    btoa(String.fromCharCode(...bytes))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replace(/=+$/, "")
  );
}

/** The scenario that a fragment carries; null without one. Throws RangeError(what is wrong) for anything else. */
export function scenarioOf(fragment, data) {
  if (!fragment.startsWith(START)) return null;
  const text = fragment.slice(START.length);
  if (text.length > LONGEST) throw new RangeError(`${text.length} > ${LONGEST}`);
  let read;
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
    read = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new RangeError("JSON");
  }
  if (read?.version !== VERSION) throw new RangeError("version");
  if (read.experiment !== data.name) throw new RangeError(`experiment ${String(read.experiment).slice(0, 40)}`);
  return checked(read.scenario, data);
}
