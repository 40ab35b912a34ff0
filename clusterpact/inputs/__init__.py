"""What people write: read within limits, checked, and every mistake said in one clear line."""

from clusterpact.inputs.doubts import Doubt, accepted
from clusterpact.inputs.files import REGISTER_LIMIT, is_there, read_bytes, read_text, read_toml
from clusterpact.inputs.lines import with_lines
from clusterpact.inputs.mistakes import InputError, Mistakes, at_home, nearest, usable_path
from clusterpact.inputs.numbers import Numbers
from clusterpact.inputs.records import Model, Ranged, Record, check, unique, with_tuples
from clusterpact.inputs.tables import Rows, read_table, separator_of
from clusterpact.inputs.text import printable, shown

__all__ = [
    "REGISTER_LIMIT",
    "Doubt",
    "InputError",
    "Mistakes",
    "Model",
    "Numbers",
    "Ranged",
    "Record",
    "Rows",
    "accepted",
    "at_home",
    "check",
    "is_there",
    "nearest",
    "printable",
    "read_bytes",
    "read_table",
    "read_text",
    "read_toml",
    "separator_of",
    "shown",
    "unique",
    "usable_path",
    "with_lines",
    "with_tuples",
]
