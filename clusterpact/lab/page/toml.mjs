// Packages and experiments as files that `clusterpact run` takes, written and read: TOML, as far as we write it ourselves.

const LINES = 500; // most of a file that is read
const MONEY = "_meur_per_year";

/** A title as a name of files and packages. */
export function slug(title) {
  const plain = title
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return plain.slice(0, 60).replace(/-+$/, "") || "scenario";
}

const quoted = (text) => JSON.stringify(text.replace(/[\u0000-\u001f\u007f]/g, " "));
const points = (steps) =>
  steps.length === 1 && steps[0][0] === 0
    ? String(steps[0][1])
    : `{ schedule = [${steps.map(([year, value]) => `[${year}, ${value}]`).join(", ")}] }`;

function lines(scenario, data, name) {
  const { practices, budgets } = data.policies.find((one) => one.name === scenario.base);
  const made = [`name = ${quoted(name)}`, `title = ${quoted(scenario.title)}`];
  if (scenario.governance_mode !== null) made.push(`governance_mode = ${quoted(scenario.governance_mode)}`);
  for (const { name: instrument } of data.instruments)
    if (scenario.schedules[instrument]) made.push(`${instrument} = ${points(scenario.schedules[instrument])}`);
  const practised = Object.entries(practices).map(
    ([key, { value, bound }]) => `${key} = ${bound ? `{ ${bound} = ${value} }` : value}`,
  );
  const paid = Object.entries(budgets).map(([key, steps]) => `${key}${MONEY} = ${points(steps)}`);
  return { made, practised, paid };
}

/** A scenario as a package of its own. What is held is not part of a package. */
export function packageText(scenario, data) {
  const { made, practised, paid } = lines(scenario, data, nameOf(scenario, data));
  const tables = [
    ["practices", practised],
    ["budgets", paid],
  ]
    .filter(([, rows]) => rows.length)
    .flatMap(([name, rows]) => ["", `[${name}]`, ...rows]);
  return [`# A package made in the lab of ${data.name}; began as ${scenario.base}.`, ...made, ...tables, ""].join("\n");
}

/** A scenario as an experiment over that of the page: its package against the baseline, on the same draws. */
export function experimentText(scenario, data) {
  const name = nameOf(scenario, data),
    { made, practised, paid } = lines(scenario, data, name),
    held = Object.entries(scenario.held);
  const tables = [
    ["policy.practices", practised],
    ["policy.budgets", paid],
  ]
    .filter(([, rows]) => rows.length)
    .flatMap(([key, rows]) => ["", `[${key}]`, ...rows]);
  return [
    `# An experiment made in the lab of ${data.name}; its package began as ${scenario.base}.`,
    `base = ${quoted(data.base)}`,
    `name = ${quoted(`${data.name}-${name}`.slice(0, 100))}`,
    `title = ${quoted(scenario.title)}`,
    `baseline = ${quoted(data.baseline)}`,
    `policies = [${quoted(data.baseline)}, ${quoted(name)}]`,
    ...(held.length ? ["", "[parameters]", ...held.map(([key, value]) => `${key} = ${value}`)] : []),
    "",
    "[[policy]]",
    ...made,
    ...tables,
    "",
  ].join("\n");
}

/** A name that no package of the experiment has. */
function nameOf(scenario, data) {
  const name = slug(scenario.title);
  return data.policies.some((one) => one.name === name) ? `${name}-lab` : name;
}

/** A value as we write it: text, number, or a row or table of such. Throws RangeError for anything else. */
function valueOf(text) {
  const json = text.replace(
    /("(?:[^"\\]|\\.)*")|([A-Za-z_][A-Za-z0-9_]*)\s*=\s*/g,
    (whole, string, key) => string ?? `"${key}": `,
  );
  try {
    return JSON.parse(json);
  } catch {
    throw new RangeError(text.slice(0, 60));
  }
}

/**
 * Tables by name, the first without one; none has a prototype that a key could be taken for. Throws RangeError(the line) for
 * what we do not write.
 */
function tablesOf(text) {
  const found = { "": Object.create(null) },
    rows = text.replaceAll("\r\n", "\n").split("\n");
  if (rows.length > LINES) throw new RangeError(`${rows.length} > ${LINES}`);
  let table = found[""];
  for (const row of rows.map((one) => one.trim())) {
    if (!row || row.startsWith("#")) continue;
    const head = /^(?:\[([a-z.]+)\]|\[\[(policy)\]\])$/.exec(row),
      pair = /^([A-Za-z_][A-Za-z0-9_]*) *= *(.+)$/.exec(row);
    if (head) {
      const name = head[1] ?? head[2];
      if (Object.hasOwn(found, name)) throw new RangeError(row);
      table = found[name] = Object.create(null);
    } else if (pair && !Object.hasOwn(table, pair[1])) table[pair[1]] = valueOf(pair[2]);
    else throw new RangeError(row.slice(0, 60));
  }
  return found;
}

const stepsOf = (value) => (typeof value === "number" ? [[0, value]] : (value?.schedule ?? null));

/** The scenario of a package or an experiment that the lab wrote, not yet checked; throws RangeError(what is wrong). */
export function readText(text, data) {
  const { "": first, policy, parameters = {}, ...rest } = tablesOf(text),
    whole = policy !== undefined;
  const prefix = whole ? "policy." : "",
    package_ = whole ? policy : first;
  const { [`${prefix}practices`]: practices = {}, [`${prefix}budgets`]: budgets = {}, ...others } = rest;
  if (Object.keys(others).length) throw new RangeError(`[${Object.keys(others)[0]}]`);
  if (whole) checkHead(first, data);
  const { name: _, title, governance_mode = null, description: __, ...instruments } = package_;
  const schedules = Object.fromEntries(Object.entries(instruments).map(([key, value]) => [key, stepsOf(value)]));
  const base = data.policies.find((one) => !one.fixed && same(one, practices, budgets));
  if (!base) throw new RangeError("practices, budgets");
  return { base: base.name, title, governance_mode, schedules, held: parameters };
}

function checkHead(head, data) {
  for (const key of Object.keys(head))
    if (!["base", "name", "title", "baseline", "policies"].includes(key)) throw new RangeError(key);
  if (head.base !== data.base) throw new RangeError(`base = ${String(head.base).slice(0, 40)}`);
}

/** Whether a package of the page has just these practices and budgets. */
function same(policy, practices, budgets) {
  const practised = Object.fromEntries(
    Object.entries(policy.practices).map(([key, { value, bound }]) => [key, bound ? { [bound]: value } : value]),
  );
  const paid = Object.fromEntries(Object.entries(policy.budgets).map(([key, steps]) => [`${key}${MONEY}`, steps]));
  const read = Object.fromEntries(Object.entries(budgets).map(([key, value]) => [key, stepsOf(value)]));
  const rising = (table) => JSON.stringify(Object.entries(table).sort(([a], [b]) => (a < b ? -1 : 1)));
  return rising(practised) === rising(practices) && rising(paid) === rising(read);
}
