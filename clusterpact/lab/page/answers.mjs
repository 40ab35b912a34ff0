// The answer in a sentence, the chance of each target, and money, jobs and networks: always beside the baseline.

import { chance, mean, paired, quantiles } from "./statistics.mjs";
import { element, number, percent, t, table, word } from "./texts.mjs";

/** Outcomes that the table shows: name, unit, digits. */
const ROWS = [
  ["cumulative_mt", "Mt", 0],
  ["public_meur", "MEUR", 0],
  ["public_eur_per_t", "EUR/t", 1],
  ["private_meur", "MEUR", 0],
  ["jobs_total", "", 0],
  ["stranded_meur", "MEUR", 0],
];

const interval = ({ low, high }, shown) => t("interval", { low: shown(low), high: shown(high) });
const signed = (value, shown) => (value > 0 ? `+${shown(value)}` : shown(value));
const without = (values) => values.filter((x) => !Number.isNaN(x));

/** A cell of a difference to the baseline: tied said where its interval holds zero; said: with its unit. */
function difference(found, shown, said = shown) {
  if (!Number.isFinite(found.mean)) return "–";
  const told = found.tied ? element("span", { class: "tied" }, t("tied")) : element("strong", {}, signed(found.mean, said));
  return element("span", {}, told, " ", element("small", {}, `(${interval(found, (x) => signed(x, shown))})`));
}

const inPoints = (share) => number(100 * share, 1);
const points = (share) => t("points", { value: inPoints(share) });

/** The chance of each target, with its Monte Carlo error, and the difference to the baseline. */
export function targetCards(data, ensemble, baseline, runs) {
  return Object.entries(data.targets).map(([year, share]) => {
    const mine = ensemble.outcome(`target_${year}_met`, runs),
      theirs = baseline.outcome(`target_${year}_met`, runs);
    const found = chance(without(mine)),
      before = chance(without(theirs));
    const [low, middle, high] = quantiles(ensemble.outcome(`abated_share_${year}`, runs), [0.05, 0.5, 0.95]);
    return element(
      "div",
      { class: "card" },
      element("h3", {}, t("target_of", { year, share: percent(share) })),
      element("p", { class: "big" }, percent(found.mean)),
      element("p", {}, t("chance_error", { low: percent(found.low, 1), high: percent(found.high, 1) })),
      element(
        "p",
        {},
        t("baseline_chance", { chance: percent(before.mean) }),
        " · ",
        difference(paired(mine, theirs), inPoints, points),
      ),
      element(
        "p",
        { class: "faint" },
        t("abated_range", { middle: percent(middle), low: percent(low), high: percent(high) }),
      ),
    );
  });
}

/** Money, jobs and emissions: median and range, the baseline's median, and the paired mean difference. */
export function moneyTable(data, ensemble, baseline, runs) {
  const rows = ROWS.map(([name, unit, digits]) => {
    const shown = (value) => number(value, digits),
      mine = ensemble.outcome(name, runs),
      theirs = baseline.outcome(name, runs);
    const [low, middle, high] = quantiles(mine, [0.05, 0.5, 0.95]),
      [before] = quantiles(theirs, [0.5]);
    return [
      t(`outcome_${name}`) + (unit ? `, ${word(unit)}` : ""),
      element(
        "span",
        {},
        shown(middle),
        " ",
        element("small", {}, `(${t("interval", { low: shown(low), high: shown(high) })})`),
      ),
      shown(before),
      difference(paired(mine, theirs), shown),
    ];
  });
  return table(t("money"), [t("quantity"), t("this_package"), t("baseline"), t("difference")], rows);
}

/** Networks: in what share of runs each is decided, and when. */
export function networkTable(data, ensemble, baseline, runs) {
  const rows = data.network_ids.map((id, k) => {
    const cells = [ensemble, baseline].map((one) => one.outcome(`fid_year_${id}`, runs));
    const decided = cells.map((years) => years.map((year) => Number(!Number.isNaN(year))));
    const told = cells.map((years, n) => {
      const share = mean(decided[n]).mean;
      return share ? t("decided_in", { share: percent(share), year: Math.floor(quantiles(years, [0.5])[0]) }) : t("never");
    });
    return [data.network_names[k], ...told, difference(paired(...decided), inPoints, points)];
  });
  return table(t("networks"), [t("network"), t("this_package"), t("baseline"), t("difference_share")], rows);
}

/** The answer in words: what it does to emissions, to the chance of the last target, and what it costs. */
export function sentence(data, ensemble, baseline, runs, name) {
  const year = data.report_years.at(-1),
    share = `abated_share_${year}`,
    last = Object.keys(data.targets).at(-1);
  const middle = quantiles(ensemble.outcome(share, runs), [0.5])[0],
    before = quantiles(baseline.outcome(share, runs), [0.5])[0];
  const gain = paired(ensemble.outcome(share, runs), baseline.outcome(share, runs));
  const cost = paired(ensemble.outcome("public_meur", runs), baseline.outcome("public_meur", runs));
  const said = [t("says_abated", { name, year, middle: percent(middle), before: percent(before) })];
  if (ensemble === baseline) said[0] = t("says_baseline", { name, year, middle: percent(middle) });
  else {
    said.push(
      gain.tied
        ? t("says_tied")
        : t(gain.mean > 0 ? "says_more" : "says_less", { points: number(Math.abs(100 * gain.mean), 1) }),
    );
    said.push(
      cost.tied
        ? t("says_cost_tied")
        : t(cost.mean > 0 ? "says_costs" : "says_saves", { money: number(Math.abs(cost.mean), 0) }),
    );
  }
  if (last)
    said.push(
      t("says_target", {
        year: last,
        target: percent(data.targets[last]),
        chance: percent(chance(without(ensemble.outcome(`target_${last}_met`, runs))).mean),
      }),
    );
  return said.join(" ");
}
