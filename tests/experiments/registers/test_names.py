"""`clusterpact import`: names in every alphabet and language of the European registers."""

import csv

import pytest

from clusterpact.experiments.making.activities import ActivityTable, word_pattern
from clusterpact.experiments.making.folding import folded
from clusterpact.experiments.making.request import cluster_slug
from clusterpact.experiments.making.site import Site
from clusterpact.sim.tables import read_tables
from tests.commands import ROOT, call
from tests.experiments.registers.made_up import INSTALLATIONS, plants, table

POWER, COAL, HEAT = ("gas_power", "CCGT"), ("coal_power", "lignite plant"), ("process_heat", "gas boiler")
BLAST, ARC, MILL = (
    ("primary_steel", "BF-BOF"),
    ("secondary_steel", "EAF (grid power)"),
    ("industrial_furnace", "gas furnace"),
)


def mapped(name: str, kt: float, *, operator: str = "", parent: str = "", country: str = "", code: str = "20"):
    site = Site("1", name, operator, parent, activity=code, country=country)
    found = ActivityTable(read_tables().technologies).map(site, "eutl", 1000 * kt)
    assert found
    return found.row.sector, found.row.technology


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Łódź", "lodz"),
        ("Ørsted Århus", "orsted-arhus"),
        ("Reykjavík Þör ehf.", "reykjavik-thor-ehf"),
        ("Großkraftwerk Süd", "grosskraftwerk-sud"),
        ("Œuvre d'Été", "oeuvre-d-ete"),
        ("ΔΕΗ ΑΗΣ Πτολεμαΐδας", "dei-ais-ptolemaidas"),
        ("ТЕЦ Марица Изток 2", "tets-maritsa-iztok-2"),
        ("Đerdap IĞDIR", "derdap-igdir"),
        ("\uff37\uff4f\uff52\uff4b\uff53 № 5 ²", "works-no-5-2"),
        ("İstanbul", "istanbul"),
        ("U+0141 is not L·l: Ŀl", "u-0141-is-not-l-l-l-l"),
        ("A®B™ & C€", "a-btm-c"),
        ("!!", ""),
    ],
)
def test_a_name_in_any_alphabet_has_an_id(text, slug) -> None:
    assert cluster_slug(text) == slug


def test_names_keep_their_letters_and_ids_do_not(tmp_path) -> None:
    sites = ["XX-1,Δοκιμή,Υαλουργείο Δοκιμής,,w,C,01,XX,31,Glass,,1,,3000",
             "XX-2,Łódzka,Huta Szkła Łódź,,w,C,01,XX,31,Glass,,1,,2000",
             "XX-3,Тест АД,Стъкларски завод,,w,C,01,XX,31,Glass,,1,,1000"]  # fmt: skip
    path = table(tmp_path / "log.csv", INSTALLATIONS, sites)
    assert call("import", "eutl", path, "--out", tmp_path / "Łódź") == 0
    found = {key: (row["id"], row["name"], row["owner"]) for key, row in plants(tmp_path / "Łódź").items()}
    assert found == {
        "XX-1": ("yaloyrgeio-dokimis", "Υαλουργείο Δοκιμής", "dokimi"),
        "XX-2": ("huta-szkla-lodz", "Huta Szkła Łódź", "lodzka"),
        "XX-3": ("stklarski-zavod", "Стъкларски завод", "test-ad"),
    }
    assert 'name = "lodz"' in (tmp_path / "Łódź" / "cluster.toml").read_text(encoding="utf-8")
    assert call("import", "eutl", path, "--out", tmp_path / "out", "--name", "Ελευσίνα") == 0
    assert 'name = "eleysina"' in (tmp_path / "out" / "cluster.toml").read_text(encoding="utf-8")


def test_ids_of_the_shipped_clusters_are_as_they_were() -> None:
    for path in sorted((ROOT / "sim" / "library" / "clusters").glob("*/firms.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                assert cluster_slug(row["id"]) == row["id"]


def test_umlauts_match_however_they_are_written() -> None:
    for words in ("*hüttenwerk*", "*huettenwerk*"):
        pattern = word_pattern(words)
        assert pattern
        for text in ("Hüttenwerk", "HUETTENWERKE", "Huttenwerk", "Eisenhüttenwerk", "Hu\u0308ttenwerk"):
            assert pattern.search(folded(text)), (words, text)
        assert not pattern.search(folded("Hettenwerk"))
    for words, text in (("ærø*", "Aeroe Kraft"), ("århus", "Aarhus"), ("aarhus", "Århus"), ("größe", "Groesse")):
        pattern = word_pattern(words)
        assert pattern
        assert pattern.search(folded(text)), (words, text)


@pytest.mark.parametrize(
    ("name", "country", "kt", "expected"),
    [
        ("Elektrociepłownia Testowa", "PL", 1000, COAL),
        ("ELEKTROWNIA Testowa S.A.", "PL", 2000, COAL),
        ("Elektrownia gazowo-parowa", "PL", 900, POWER),
        ("Elektrárna Testov", "CZ", 3000, COAL),
        ("Elektráreň Testov", "SK", 900, POWER),
        ("Teplárna Testov", "CZ", 500, COAL),
        ("Teplárna Testov", "CZ", 20, HEAT),
        ("Ciepłownia Testowa", "PL", 40, HEAT),
        ("Termoelektrarna Test", "SI", 2000, COAL),
        ("TERMOELEKTRANA TEST", "HR", 300, POWER),
        ("Centrala termoelectrica Test", "RO", 900, COAL),
        ("Electrocentrale Test", "RO", 900, COAL),
        ("ТЕЦ Тест", "BG", 2000, COAL),
        ("TPP Test", "BG", 2000, COAL),
        ("Топлофикация Тест", "BG", 300, COAL),
        ("ΑΗΣ Δοκιμής", "GR", 2000, POWER),
        ("ΛΙΓΝΙΤΙΚΟΣ ΣΤΑΘΜΟΣ", "GR", 2000, COAL),
        ("Testi hőerőmű", "HU", 900, POWER),
        ("Testi Erőmű", "HU", 900, POWER),
        ("Testų elektrinė", "LT", 300, POWER),
        ("Testa TEC-2", "LV", 300, POWER),
        ("Testi Elektrijaam", "EE", 3000, COAL),
        ("Testin voimalaitos", "FI", 900, COAL),
        ("Testbyns kraftvärmeverk", "SE", 300, POWER),
        ("Testværket", "DK", 900, COAL),
        ("Test kraftvarmeværk", "DK", 20, POWER),
        ("Test varmekraftverk", "NO", 300, POWER),
        ("Elektriciteitscentrale Test", "NL", 900, POWER),
        ("Central térmica de Test", "ES", 2000, POWER),
        ("Ciclo combinado Test", "ES", 900, POWER),
        ("Central Termoeléctrica do Test", "PT", 2000, POWER),
        ("Centrale termoelettrica di Test", "IT", 2000, POWER),
        ("Test Power Station", "GB", 2000, POWER),
        ("Test Generating Station", "IE", 900, POWER),
        ("Kraftwerk Test", "DE", 3000, COAL),
        ("Kraftwerk Test", "DE", 300, POWER),
        ("Kraftwerk Test", "AT", 900, POWER),
        ("Braunkohlenkraftwerk", "AT", 900, COAL),
        ("GuD-Kraftwerk Test", "DE", 3000, POWER),
        ("Chaufferie urbaine", "FR", 100, HEAT),
        ("Fjernvarmeværk", "DK", 10, HEAT),
        ("Kaukolämpökeskus", "FI", 10, HEAT),
        ("Rafineria Testowa", "PL", 900, ("refinery", "conversion refinery (SMR H2, fired heat)")),
        ("Jalostamo", "FI", 900, ("refinery", "conversion refinery (SMR H2, fired heat)")),
        ("Cukrownia Test", "PL", 90, HEAT),
        ("Cementownia Test", "PL", 90, ("cement", "dry kiln (EU fuel mix)")),
        ("Sklárny Test", "CZ", 90, ("glass", "gas regenerative furnace")),
        ("Papírna Test", "CZ", 90, ("paper", "gas boiler")),
        ("Zakłady Azotowe Test", "PL", 900, ("ammonia", "SMR-HB")),
        ("Huta stali: wielki piec", "PL", 400, BLAST),
        ("Valcovna Test", "CZ", 90, MILL),
    ],
)
def test_words_of_every_language_tell_combustion_sites_apart(name, country, kt, expected) -> None:
    assert mapped(name, kt, country=country) == expected


@pytest.mark.parametrize(
    ("name", "operator", "parent"),
    [
        ("ArcelorMittal Test Energy", "Test Energia", ""),
        ("Centrale elettrica", "ArcelorMittal Italia", ""),
        ("Kraftwerk Nord", "Muster GmbH", "Thyssenkrupp Steel Europe AG"),
        ("Dampfkesselanlage", "voestalpine Stahl", ""),
        ("Power plant", "Tata Steel Test B.V.", ""),
        ("Elektrociepłownia", "ArcelorMittal Poland", ""),
        ("Gichtgaskraftwerk Test", "Muster", ""),
    ],
)
def test_a_power_station_run_by_a_steel_company_is_no_blast_furnace(name, operator, parent) -> None:
    for country in ("", "PL", "IT"):
        assert mapped(name, 3700, operator=operator, parent=parent, country=country) == POWER


@pytest.mark.parametrize(
    ("name", "operator", "expected"),
    [
        ("Walzwerk", "Muster Elektrostahlwerke", MILL),
        ("Heizwerk Nord", "Kraftwerk Muster", HEAT),
        ("Kraftwerk Nord", "Heizwerke Muster", POWER),
        ("Block 2", "Braunkohle Muster", COAL),
        ("Anlage 1", "Heizwerke Vattenfall", HEAT),
        ("Anlage 1", "Vattenfall", POWER),
        ("Anlage 1", "Papierfabrik Muster", ("paper", "gas boiler")),
        ("Verdichterstation mit Gasturbinenanlage", "Gas Muster", ("lng", "gas-turbine drives")),
    ],
)
def test_the_name_decides_before_the_operator(name, operator, expected) -> None:
    assert mapped(name, 50, operator=operator, country="DE") == expected


@pytest.mark.parametrize(
    ("code", "name", "kt", "expected"),
    [
        ("24", "Hochofen Test", 300, BLAST),
        ("24", "Hauts fourneaux", 300, BLAST),
        ("24", "Wielki piec nr 2", 300, BLAST),
        ("24", "Vysoké pece", 300, BLAST),
        ("24", "Masugn", 300, BLAST),
        ("24", "Blast furnace 5", 300, BLAST),
        ("24", "Altoforno", 300, BLAST),
        ("24", "Huta Test", 300, ARC),
        ("24", "Roheisenerzeugung", 300, BLAST),
        ("24", "Integriertes Hüttenwerk", 300, BLAST),
        ("24", "Works", 601, BLAST),
        ("24", "Elektrostahlwerk", 700, ARC),
        ("24", "Valcovna plechu", 300, MILL),
        ("20", "Hochofen Test", 300, BLAST),
        ("20", "ArcelorMittal Test", 6000, BLAST),
        ("20", "ArcelorMittal Test", 100, MILL),
    ],
)
def test_blast_furnaces_are_told_by_their_words_then_by_size(code, name, kt, expected) -> None:
    assert mapped(name, kt, code=code) == expected


def test_every_word_of_the_table_matches_the_name_that_it_is_written_for() -> None:
    """A word in the table matches itself with its stars filled: no letter that folding drops makes it dead."""
    for tier in ActivityTable(read_tables().technologies).tiers:
        for rule in tier:
            for word in filter(None, f"{rule.row.words};{rule.row.also}".split(";")):
                pattern = word_pattern(word)
                assert pattern, word
                assert pattern.search(folded(word.replace("*", ""))), word
