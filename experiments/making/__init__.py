"""Making clusters: from emission registers, from types, from a starter."""

from pathlib import Path

#: What clusters are made from: mapping tables of registers, types, the starter.
MAKING = Path(__file__).resolve().parent.parent / "library"
