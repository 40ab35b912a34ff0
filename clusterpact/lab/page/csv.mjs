// Outcomes of every run, as the table `outcomes` of a result has them.

const CELL = (value) => (Number.isNaN(value) ? "" : String(value));

/** A row per run of the package and of the baseline; what is empty stays empty, targets are true or false. */
export function csvOf({ mine, base, runs }, name, data) {
  const { names } = mine,
    width = names.length;
  const cell = (column, value) =>
    /^target_.*_met$/.test(column) && !Number.isNaN(value) ? (value ? "True" : "False") : CELL(value);
  const rows = (ensemble, policy) =>
    Array.from({ length: runs }, (_, k) =>
      [policy, data.first_run + k, ...names.map((column, n) => cell(column, ensemble.outcomes[k * width + n]))].join(","),
    );
  return (
    [["policy", "run", ...names].join(","), ...rows(base, data.baseline), ...(mine === base ? [] : rows(mine, name))].join(
      "\r\n",
    ) + "\r\n"
  );
}
