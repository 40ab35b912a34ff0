"""What amounts, years, ids and names may be in files: bounds by meaning, so that a slip of a unit is a mistake."""

from typing import Annotated, Literal

from pydantic import Field

Mark = Literal["published", "derived", "estimate"]
NotNegative = Annotated[float, Field(ge=0, le=1e9)]
Positive = Annotated[float, Field(gt=0, le=1e9)]
Share = Annotated[float, Field(ge=0, le=1)]
Kt = Annotated[float, Field(ge=0, le=1e6)]  #: a year; all of industry in a large country emits less
Volume = Annotated[float, Field(ge=0, le=1e7)]  #: kt or GWh a year; the largest networks of a continent carry less
Meur = Annotated[float, Field(ge=0, le=1e6)]
Eur = Annotated[float, Field(ge=0, le=1e6)]  #: per t, MWh or another product unit
PositiveKt = Annotated[float, Field(gt=0, le=1e6)]
PositiveVolume = Annotated[float, Field(gt=0, le=1e7)]
PositiveMeur = Annotated[float, Field(gt=0, le=1e6)]
PositiveEur = Annotated[float, Field(gt=0, le=1e6)]
PositiveYears = Annotated[float, Field(gt=0, le=1000)]
Signed = Annotated[float, Field(ge=-1e6, le=1e6)]  #: per product unit, or MEUR, where less than nothing has a meaning
TonnesPerUnit = Annotated[float, Field(ge=0, le=1000)]
Jobs = Annotated[float, Field(ge=0, le=1e6)]
Years = Annotated[float, Field(ge=0, le=1000)]
Year = Annotated[int, Field(ge=1900, le=2200)]
RecentYear = Annotated[int, Field(ge=1990, le=2150)]  #: of a statement: what stands in files, who said it when
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=100)]
Name = Annotated[str, Field(max_length=300)]
