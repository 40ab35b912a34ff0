// What the page says, in the language that is chosen, and elements that hold it (text only, never markup).

export const LANGUAGES = { en: "English", fr: "français", de: "Deutsch" };
const spoken = { code: "en", texts: {}, words: {} };

/** texts: by key and language; words: translations of what the data say, by language and English text. */
export function speak(code, texts, words) {
  Object.assign(spoken, { code, texts, words: words[code] ?? {} });
}

export const language = () => spoken.code;

/** A text of the page by its key, with {names} filled in. */
export function t(key, values = {}) {
  const text = spoken.texts[key]?.[spoken.code];
  if (text === undefined) throw new RangeError(`no text ${key} in ${spoken.code}`);
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** A word of the data (a title, a unit, a gate), translated where the catalogues know it. */
export const word = (text) => (Object.hasOwn(spoken.words, text) ? spoken.words[text] : text);

/** A number as the language writes it; digits: after the point, or enough for three in all. */
export function number(value, digits) {
  if (value === null || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const places = digits ?? (size >= 100 || size === 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
  const shown = Number(value.toFixed(places)) === 0 ? 0 : value;
  return new Intl.NumberFormat(spoken.code, { maximumFractionDigits: places, minimumFractionDigits: digits ?? 0 })
    .format(shown)
    .replace("-", "−");
}

export const percent = (share, digits = 0) => `${number(100 * share, digits)}\u00a0%`;

/** A level of an instrument with its unit; a share in per cent. */
export const level = (value, unit) =>
  unit === "share" ? `${number(100 * value)}\u00a0%` : `${number(value)}\u00a0${word(unit)}`;

/** An element: attributes and `on…` listeners by name, then children, texts or elements. */
export function element(tag, attributes = {}, ...children) {
  const made = tag.startsWith("svg:")
    ? document.createElementNS("http://www.w3.org/2000/svg", tag.slice(4))
    : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

/** A table: a row of heads, then rows of cells (texts or elements); the first cell of a row heads it. */
export function table(caption, heads, rows) {
  const cell = (content, k) => element(k ? "td" : "th", k ? {} : { scope: "row" }, content);
  return element(
    "table",
    {},
    element("caption", {}, caption),
    element(
      "thead",
      {},
      element(
        "tr",
        {},
        heads.map((head) => element("th", { scope: "col" }, head)),
      ),
    ),
    element(
      "tbody",
      {},
      rows.map((row) => element("tr", {}, row.map(cell))),
    ),
  );
}
