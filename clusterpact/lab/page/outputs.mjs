// What leaves the page and comes back: files of packages and experiments, tables, pictures, a link, a command.

import { csvOf } from "./csv.mjs";
import { emissions, gates } from "./figures.mjs";
import { fragmentOf } from "./link.mjs";
import { checked } from "./scenario.mjs";
import { svgOf } from "./svg.mjs";
import { element, t } from "./texts.mjs";
import { experimentText, packageText, readText, slug } from "./toml.mjs";

const LARGEST = 100000; // bytes of a file that is opened
const at = (id) => document.getElementById(id);

/** Hand a text over as a file. */
function download(name, text, type) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

export class Outputs {
  constructor(lab) {
    this.lab = lab;
    at("file").addEventListener("change", () => this.#open());
  }

  build() {
    const actions = {
      save_package: () => this.#save(packageText, "package"),
      save_experiment: () => this.#save(experimentText, "experiment"),
      open_file: () => at("file").click(),
      export_csv: () => this.#csv(),
      export_svg: () => this.#svg(),
      print: () => print(),
      link: () => this.#link(),
      show_command: () => this.#command(),
    };
    at("file-buttons").replaceChildren(
      ...Object.entries(actions).map(([name, action]) =>
        element("button", { type: "button", id: `do-${name}`, onclick: action }, t(name)),
      ),
    );
    at("rests").textContent = t("rests_on", {
      rules: this.lab.data.rules.slice(0, 12),
      seed: this.lab.data.seed,
      name: this.lab.data.name,
    });
    at("command").hidden = true;
  }

  /** The scenario under the name that the person gave it. */
  #named() {
    const title = at("scenario-title").value.trim() || this.lab.name();
    return { ...this.lab.scenario, title };
  }

  #save(write, kind) {
    const scenario = this.#named();
    download(`${slug(scenario.title)}.${kind}.toml`, write(scenario, this.lab.data), "application/toml");
  }

  async #open() {
    const [file] = at("file").files;
    at("file").value = "";
    if (!file) return;
    try {
      if (file.size > LARGEST) throw new RangeError(`${file.size} > ${LARGEST}`);
      this.lab.change(checked(readText(await file.text(), this.lab.data), this.lab.data));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.lab.say("bad_file", { name: file.name.slice(0, 60), what: error.message });
    }
  }

  /** Runs of the scenario and its baseline, once there are some. */
  #ready() {
    const [mine, base] = this.lab.shown ?? [],
      runs = Math.min(mine?.done ?? 0, base?.done ?? 0);
    if (!runs) this.lab.say("no_runs");
    return runs ? { mine, base, runs } : null;
  }

  #csv() {
    const found = this.#ready();
    if (found)
      download(
        `${this.lab.data.name}-${slug(this.#named().title)}.csv`,
        csvOf(found, slug(this.#named().title), this.lab.data),
        "text/csv",
      );
  }

  #svg() {
    const found = this.#ready(),
      { data } = this.lab;
    if (found)
      download(
        `${data.name}-${slug(this.#named().title)}.svg`,
        svgOf([emissions(data, found.mine, found.base, found.runs), gates(data, found.mine, found.base)], this.lab.name()),
        "image/svg+xml",
      );
  }

  #link() {
    location.hash = fragmentOf(this.#named(), this.lab.data);
    const field = element("input", { readonly: true, "aria-label": t("link"), value: location.href });
    at("command").replaceChildren(t("link_about"), " ", field);
    at("command").hidden = false;
    field.select();
  }

  #command() {
    const name = slug(this.#named().title);
    at("command").replaceChildren(
      t("command_about", { file: `${name}.experiment.toml` }),
      " ",
      element("code", {}, `clusterpact run ${name}.experiment.toml --runs 1000`),
    );
    at("command").hidden = false;
  }
}
