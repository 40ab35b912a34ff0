"""What figures and pages say of the result of an experiment."""

from pathlib import Path

from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.folder.manifest import read_manifest
from clusterpact.experiments.track_record import sentence
from clusterpact.results.about import About
from clusterpact.sim.buyers import Buyer
from clusterpact.sim.cluster import Financier, Government, Network
from clusterpact.sim.pipeline import Project
from clusterpact.sim.scenario import Scenario

MOST_ROWS = 60  #: rows of the timeline: networks first, then the largest plants


def about_result(experiment: Experiment, folder: Path) -> About:
    """An experiment and its result in words; id and rules are those that the folder was made with."""
    manifest = read_manifest(folder)
    file = experiment.scenario.file
    plants = sorted(experiment.scenario.plants, key=lambda plant: -plant.scope1_kt_per_year)
    movers = [plant for plant in plants if plant.scope1_kt_per_year > 0 or plant.status == "planned"]
    shown = [network.id for network in file.network[: MOST_ROWS // 2]]
    shown += [plant.id for plant in movers[: MOST_ROWS - len(shown)]]
    announced: dict[tuple[str, str], tuple[int, ...]] = {}
    for project in experiment.scenario.projects:
        if project.start_year:
            key = (project.agent, project.technology)
            announced[key] = (*announced.get(key, ()), project.start_year)
    return About(
        title=experiment.heading, id=manifest.id, source=manifest.experiment.source, runs=experiment.runs,
        seed=experiment.seed, first_year=experiment.first_year, last_year=experiment.last_year,
        baseline=experiment.baseline, policies=experiment.policies, targets=experiment.targets,
        uncertainty={name: distribution.as_data() for name, distribution in experiment.uncertainty.items()},
        ensemble=experiment.ensemble.name if experiment.ensemble else "", track_record=sentence,
        baseline_kt=sum(plant.scope1_kt_per_year for plant in plants),
        names={network.id: network.name for network in file.network} | {plant.id: plant.name for plant in plants},
        kinds={network.id: network.kind for network in file.network},
        extending=tuple(network.id for network in file.network if network.spare_per_year > 0),
        announced=announced,
        shown=tuple(shown), left_out=len(file.network) + len(movers) - len(shown),
        sources=tuple(sources_of(experiment.scenario)),
    )  # fmt: skip


def sources_of(scenario: Scenario) -> list[str]:
    """Where a scenario's figures come from, in lines."""
    file = scenario.file
    lines = [f"{file.title}: {file.source} ({file.mark})"] if file.source else []
    lines += [f"{units[0].site_name}: {units[0].source}" for units in scenario.sites.values() if units[0].source]
    items: list[Project | Buyer | Network | Financier | Government] = [
        *scenario.projects, *scenario.buyers, *file.network, *file.financier, *file.government]  # fmt: skip
    lines += [f"{item.name}: {item.source} ({item.mark})" for item in items]
    return lines + [f"{item.carrier.replace('_', ' ')} to be had: {item.source} ({item.mark})" for item in file.resource]
