"""The compose file says what the Compose Specification knows, and nothing in it opens the house."""

from pathlib import Path
from typing import Any

from compose_spec import PyCompose
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
SERVICES: dict[str, dict[str, Any]] = YAML(typ="safe").load(TEXT)["services"]


def test_the_file_fits_the_compose_specification() -> None:
    spec = PyCompose.from_yaml(TEXT).to_spec()
    assert set(spec.services or {}) == set(SERVICES)


def test_one_service_starts_by_default_and_the_mail_catcher_only_in_its_profile() -> None:
    assert [name for name, service in SERVICES.items() if not service.get("profiles")] == ["monitor"]
    assert SERVICES["mail-catcher"]["profiles"] == ["dev"]


def test_no_service_may_write_its_own_files_or_gain_privileges_or_listen_to_the_world() -> None:
    for service in SERVICES.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))


def test_the_image_runs_as_nobody_in_particular_and_is_asked_for_its_health() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    last_stage = lines[max(number for number, line in enumerate(lines) if line.startswith("FROM ")) :]
    assert "USER monitor" in last_stage
    assert any(line.startswith("HEALTHCHECK ") and '"doctor", "--service"' in line for line in last_stage)
    assert 'ENTRYPOINT ["monitor"]' in last_stage


def test_what_the_image_is_built_from_is_let_through_to_the_build() -> None:
    let_through = {
        line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] == "!"
    }
    copied = {
        word
        for line in (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
        if line.startswith("COPY ") and "--from" not in line
        for word in line.split()[1:-1]
    }
    assert copied == let_through
    assert all((ROOT / name).exists() for name in copied)
