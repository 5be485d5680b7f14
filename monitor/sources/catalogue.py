"""Read the starter list of sources. In: YAML text. Out: SourceSpecs. Never: opens a file or the network."""

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from monitor.errors import ConfigurationError
from monitor.model.archiving import SourceSpec
from monitor.model.fetching import SAMPLE_HOST

SAMPLE_FEED = f"https://{SAMPLE_HOST}/feed.xml"


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    kind: str = "feed"
    url: str
    language: str = ""
    enabled: bool = True
    only: str = ""
    note: str = ""


class _List(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    sources: tuple[_Row, ...]


def read_catalogue(text: str, file: str) -> tuple[SourceSpec, ...]:
    """Return the sources of a starter list. Raises ConfigurationError naming the row that is wrong."""
    try:
        rows = _List.model_validate(YAML(typ="safe", pure=True).load(text)).sources
    except (YAMLError, ValidationError) as error:
        raise ConfigurationError(f"{file}: {error}") from error
    return tuple(
        SourceSpec(row.url, row.title, row.kind, row.language, row.only, row.note, row.enabled) for row in rows
    )


def sample_source() -> SourceSpec:
    """Return the sample newsroom's feed, on the reserved host that is served without a socket."""
    return SourceSpec(url=SAMPLE_FEED, title="Sample newsroom (invented)", language="en", is_sample=True)
