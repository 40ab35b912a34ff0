"""Tables by name, as Python and notebooks see what a question found."""

from collections.abc import Iterator, Mapping

import pandas as pd

from clusterpact.inputs import nearest


class Tables(Mapping[str, pd.DataFrame]):
    """What a question found: its tables by name, also as attributes (`comparison.differences`)."""

    tables: dict[str, pd.DataFrame]

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.tables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.tables)

    def __len__(self) -> int:
        return len(self.tables)

    def __getattr__(self, name: str) -> pd.DataFrame:
        tables: dict[str, pd.DataFrame] = vars(self).get("tables", {})
        if name not in tables:
            raise AttributeError(f"no table {name!r}{nearest(name, tables)}")
        return tables[name]

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.tables]
