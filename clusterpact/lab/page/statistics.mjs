// Numbers about runs: quantiles, chances with their Monte Carlo error, and paired differences on common luck.

const Z = 1.959963984540054; // of a 95 % interval

/** A quantile of numbers (NaN left out), linear between order statistics; NaN of none. */
export function quantile(values, share) {
  const sorted = Float64Array.from(values.filter((x) => !Number.isNaN(x))).sort();
  if (!sorted.length) return NaN;
  const place = share * (sorted.length - 1),
    low = Math.floor(place),
    high = Math.ceil(place);
  return sorted[low] + (place - low) * (sorted[high] - sorted[low]);
}

/** Several quantiles of the same numbers. */
export function quantiles(values, shares) {
  const sorted = Float64Array.from(values.filter((x) => !Number.isNaN(x))).sort();
  return shares.map((share) => quantile(sorted, share));
}

/** Student's t of a 95 % interval, from the normal quantile (Cornish and Fisher 1938); degrees of 10 or more. */
export function student(degrees) {
  const z = Z,
    terms = [
      (z ** 3 + z) / 4,
      (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
      (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
    ];
  return terms.reduce((sum, term, k) => sum + term / degrees ** (k + 1), z);
}

/** A mean with its 95 % interval; numbers that are not there (NaN) are left out. */
export function mean(values) {
  const found = Array.from(values).filter((x) => !Number.isNaN(x)),
    runs = found.length;
  if (!runs) return { mean: NaN, low: NaN, high: NaN, runs };
  const centre = found.reduce((sum, x) => sum + x, 0) / runs;
  const variance = found.reduce((sum, x) => sum + (x - centre) ** 2, 0) / Math.max(1, runs - 1);
  const half = student(Math.max(1, runs - 1)) * Math.sqrt(variance / runs);
  return { mean: centre, low: centre - half, high: centre + half, runs };
}

/** A chance with its 95 % Monte Carlo interval (Wilson 1927): it says something where no run, or every run, meets it. */
export function chance(values) {
  const runs = values.length,
    share = values.reduce((sum, x) => sum + x, 0) / runs,
    z2 = Z ** 2;
  const centre = (share + z2 / (2 * runs)) / (1 + z2 / runs);
  const half = (Z / (1 + z2 / runs)) * Math.sqrt((share * (1 - share)) / runs + z2 / (4 * runs ** 2));
  return { mean: share, low: Math.max(0, centre - half), high: Math.min(1, centre + half), runs };
}

/** The mean difference of pairs on common luck with its 95 % interval; tied where that holds zero. */
export function paired(values, others) {
  const found = mean(values.map((value, k) => value - others[k]));
  return { ...found, tied: !(found.low > 0 || found.high < 0) };
}

/** Quantiles of emissions by year, Mt a year: [low, middle, high], of the first runs of an ensemble. */
export function bands(ensemble, runs) {
  const rows = [[], [], []];
  for (let year = 0; year < ensemble.years; year++)
    quantiles(ensemble.emittedIn(year, runs), [0.05, 0.5, 0.95]).forEach((value, k) => rows[k].push(value / 1000));
  return rows;
}

/** Means over runs of a measure by year; `place` is that of the measure. */
export function meansOf(ensemble, place) {
  const width = ensemble.sums.length / ensemble.years,
    runs = ensemble.done - ensemble.failed.length;
  return Array.from({ length: ensemble.years }, (_, year) => ensemble.sums[year * width + place] / runs);
}
