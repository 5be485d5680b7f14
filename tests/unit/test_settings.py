"""Settings: from variables, file and defaults; whatever is wrong is named."""

from pathlib import Path

import pytest

from monitor.errors import ConfigurationError
from monitor.settings import Settings, load_settings

BAD_PLACES = ("", "8000", "desk.example:80", "127.0.0.1", "127.0.0.1:0", "1.2.3.4:70000", "::1:80", "127.0.0.1:8x")


def load(tmp_path: Path, environ: dict[str, str] | None = None, toml: str = "") -> Settings:
    path = tmp_path / "monitor.toml"
    path.write_text(toml, encoding="utf-8")
    return load_settings(environ or {}, path)[0]


def refusal(tmp_path: Path, environ: dict[str, str] | None = None, toml: str = "") -> str:
    with pytest.raises(ConfigurationError) as refused:
        load(tmp_path, environ, toml)
    return str(refused.value)


def test_a_variable_wins_over_the_file_and_the_file_over_the_default(tmp_path: Path) -> None:
    settings = load(tmp_path, {"MONITOR_TICK_SECONDS": "7"}, "tick_seconds = 5\nmax_redirects = 2")
    assert (settings.tick_seconds, settings.max_redirects, settings.parser_workers) == (7, 2, 2)


def test_where_each_value_came_from_is_known(tmp_path: Path) -> None:
    path = tmp_path / "monitor.toml"
    path.write_text("max_redirects = 2")
    _, origins = load_settings({"MONITOR_TICK_SECONDS": "7"}, path)
    assert origins == {"tick_seconds": "MONITOR_TICK_SECONDS", "max_redirects": str(path)}


def test_a_secret_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("sqlite:///elsewhere.db\n")
    assert load(tmp_path, {"MONITOR_DATABASE_URL_FILE": str(secret)}).archive_place == "sqlite:///elsewhere.db"


def test_lists_of_networks_and_ports_are_read_from_a_variable(tmp_path: Path) -> None:
    settings = load(tmp_path, {"MONITOR_ALLOWED_NETWORKS": "10.0.0.0/8, fd00::/8", "MONITOR_ALLOWED_PORTS": "81,82"})
    assert [str(network) for network in settings.allowed_networks] == ["10.0.0.0/8", "fd00::/8"]
    assert settings.allowed_ports == (81, 82)


@pytest.mark.parametrize(
    ("environ", "toml", "words"),
    [
        ({"MONITOR_DATADIR": "x"}, "", ["MONITOR_DATADIR", "did you mean MONITOR_DATA_DIR"]),
        ({"MONITOR_ALLOWED_PORT": "9"}, "", ["did you mean MONITOR_ALLOWED_PORTS"]),
        ({"MONITOR_ZZZ": "x"}, "", ["MONITOR_ZZZ", "config show"]),
        ({}, "tick_secs = 3", ["monitor.toml", "tick_secs", "did you mean tick_seconds"]),
        ({}, "tick_seconds = 'soon'", ["tick_seconds", "monitor.toml"]),
        ({}, "tick_seconds = ", ["not valid TOML"]),
        ({}, "[table]\na = 1", ["unknown setting 'table'"]),
        ({"MONITOR_TICK_SECONDS": "0"}, "", ["MONITOR_TICK_SECONDS", "greater than or equal to 1"]),
        ({"MONITOR_TIMEZONE": "Asia/Phnom_Pen"}, "", ["no such time zone", "Asia/Phnom_Penh"]),
        ({"MONITOR_TIMEZONE": "../../etc/passwd"}, "", ["no such time zone"]),
        ({"MONITOR_DIGEST_AT": "25:00"}, "", ["MONITOR_DIGEST_AT", "write it as 07:00"]),
        ({"MONITOR_ALLOWED_NETWORKS": "10.0.0.1/8"}, "", ["MONITOR_ALLOWED_NETWORKS", "host bits"]),
        ({"MONITOR_ALLOWED_PORTS": "99999"}, "", ["MONITOR_ALLOWED_PORTS"]),
        ({"MONITOR_CONTACT": "a\r\nX-Evil: 1"}, "", ["MONITOR_CONTACT", "header"]),
        ({"MONITOR_DATA_DIR": ""}, "", ["MONITOR_DATA_DIR", "is empty"]),
        *(({"MONITOR_LISTEN": bad}, "", ["MONITOR_LISTEN", "127.0.0.1:8000"]) for bad in BAD_PLACES),
        ({"MONITOR_PROXY_URL_FILE": "/dev/null"}, "", ["MONITOR_PROXY_URL_FILE", "is empty"]),
        ({}, "watchlists_dir = ''", ["watchlists_dir", "is empty"]),
        ({"MONITOR_DATABASE_URL_FILE": "/nonexistent"}, "", ["MONITOR_DATABASE_URL_FILE", "/nonexistent"]),
        ({"MONITOR_CONTACT": "a", "MONITOR_CONTACT_FILE": "/dev/null"}, "", ["both set contact"]),
    ],
)
def test_a_wrong_setting_stops_the_start_and_is_named(
    tmp_path: Path, environ: dict[str, str], toml: str, words: list[str]
) -> None:
    message = refusal(tmp_path, environ, toml)
    assert all(word in message for word in words), message
    assert "Value error" not in message


def test_the_pages_place_is_an_address_of_either_kind_and_a_port(tmp_path: Path) -> None:
    assert load(tmp_path).listen_at == ("127.0.0.1", 8000)
    assert load(tmp_path, {"MONITOR_LISTEN": "[::1]:8080"}).listen_at == ("::1", 8080)


@pytest.mark.parametrize(("url", "serves"), [("", False), ("http://a.example", False), ("https://a.example/m/", True)])
def test_pages_are_served_over_https_or_not_at_all(tmp_path: Path, url: str, serves: bool) -> None:
    assert load(tmp_path, {"MONITOR_PUBLIC_URL": url}).serves_pages == serves


def test_every_wrong_setting_is_named_at_once(tmp_path: Path) -> None:
    message = refusal(tmp_path, {"MONITOR_TICK_SECONDS": "x", "MONITOR_MAX_REDIRECTS": "-1"})
    assert "MONITOR_TICK_SECONDS" in message
    assert "MONITOR_MAX_REDIRECTS" in message


@pytest.mark.parametrize(
    "name", ["MONITOR_SERVICE_HOST", "MONITOR_PORT", "MONITOR_PORT_80_TCP_ADDR", "MONITOR_WEB_SERVICE_PORT", "OTHER"]
)
def test_what_a_cluster_puts_into_the_environment_is_no_setting(tmp_path: Path, name: str) -> None:
    assert load(tmp_path, {name: "tcp://10.0.0.1:80"}) == load(tmp_path)


def test_a_named_settings_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is not there"):
        load_settings({"MONITOR_CONFIG": str(tmp_path / "missing.toml")})


def test_no_message_repeats_a_secret(tmp_path: Path) -> None:
    message = refusal(tmp_path, {"MONITOR_PROXY_URL": "http://u:hunter2@proxy", "MONITOR_TICK_SECONDS": "hunter2"})
    assert "hunter2" not in message


def test_settings_cannot_be_changed_later(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="frozen"):
        load(tmp_path).tick_seconds = 1
