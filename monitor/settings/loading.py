"""Reading the settings from where they were set, and saying which of them nobody can mean."""

import difflib
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from monitor.errors import ConfigurationError
from monitor.settings.fields import Settings

PREFIX = "MONITOR_"
CONFIG_VARIABLE = "MONITOR_CONFIG"
# What a cluster puts into every container's environment for a service that happens to be called "monitor".
_FOREIGN = re.compile(r"MONITOR_(.+_)?(SERVICE_.*|PORT(_.*)?)$")


def load_settings(environ: Mapping[str, str], config: Path | None = None) -> tuple[Settings, dict[str, str]]:
    """Read all settings; also return where each one that isn't a default was set.

    `config` is the file to read; else the one that MONITOR_CONFIG names, else ./monitor.toml where there is one.
    Raises ConfigurationError naming every key that is unknown (and the nearest known one) or has a bad value.
    """
    path = config or Path(environ.get(CONFIG_VARIABLE) or "monitor.toml")
    if not path.is_file() and (config or CONFIG_VARIABLE in environ):
        raise ConfigurationError(f"the settings file {path} is not there")
    from_file = _read_file(path) if path.is_file() else {}
    from_environ, origins = _read_environ(environ)
    values = from_file | from_environ
    origins = {key: str(path) for key in from_file} | origins
    try:
        return Settings.model_validate(values), origins
    except ValidationError as error:
        faults = (
            _say_fault(fault["loc"], fault["msg"], origins)
            for fault in error.errors(include_input=False, include_url=False)
        )
        raise ConfigurationError("\n".join(faults)) from None


def _say_fault(place: tuple[int | str, ...], message: str, origins: Mapping[str, str]) -> str:
    """Name a setting and where it was set; a fault between two settings names them itself."""
    message = message.removeprefix("Value error, ")
    if not place:
        return message
    return f"{origins.get(str(place[0]), place[0])}: {place[0]}: {message}"


def _read_file(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is not valid TOML: {error}") from error
    except OSError as error:
        raise ConfigurationError(f"{path} can't be read: {error.strerror}") from error
    unknown = [key for key in values if key not in Settings.model_fields]
    if unknown:
        raise ConfigurationError("\n".join(f"{path}: unknown setting {key!r}{_nearest(key)}" for key in unknown))
    return values


def _read_environ(environ: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    unknown: list[str] = []
    for variable in sorted(environ):
        if not variable.startswith(PREFIX) or variable == CONFIG_VARIABLE:
            continue
        key = variable.removeprefix(PREFIX).lower()
        if key in Settings.model_fields:
            values[key] = environ[variable]
        elif key.endswith("_file") and key.removesuffix("_file") in Settings.model_fields:
            key = key.removesuffix("_file")
            values[key] = _read_secret(variable, Path(environ[variable]))
        else:
            if not _FOREIGN.match(variable) or difflib.get_close_matches(key, Settings.model_fields, n=1, cutoff=0.9):
                unknown.append(variable)
            continue
        if key in origins:
            raise ConfigurationError(f"{origins[key]} and {variable} both set {key}; keep one of them")
        origins[key] = variable
    if unknown:
        keys = ((name, name.removeprefix(PREFIX).lower()) for name in unknown)
        raise ConfigurationError("\n".join(f"unknown setting {name}{_nearest(key, PREFIX)}" for name, key in keys))
    return values, origins


def _read_secret(variable: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{variable} names {path}, which can't be read: {error}") from error


def _nearest(key: str, prefix: str = "") -> str:
    found = difflib.get_close_matches(key.lower(), Settings.model_fields, n=1)
    if not found:
        return "; `monitor config show` lists them all"
    return f"; did you mean {prefix + found[0].upper() if prefix else found[0]}?"
