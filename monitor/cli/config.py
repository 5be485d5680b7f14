"""`monitor config` and `monitor doctor`: is everything set up as it should be?"""

import asyncio
from typing import Annotated

import typer
from pydantic import SecretStr
from rich.table import Table
from rich.text import Text

from monitor.cli.output import Json, emit, out, say, show
from monitor.cli.state import FAILURE, settings_of
from monitor.operations.doctor import Finding, examine
from monitor.operations.heartbeat import examine_service
from monitor.operations.opening import utc_now
from monitor.settings import PREFIX, Settings
from monitor.text.counting import counted

app = typer.Typer()


@app.command("show")
def show_settings(
    context: typer.Context,
    with_help: Annotated[bool, typer.Option("--describe", help="Say what each setting is for.")] = False,
    as_json: Json = False,
) -> None:
    """Show every setting, its value and where it was set; secrets are masked. Example: `monitor config show`"""
    settings, origins = settings_of(context)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("Setting", "Value", "Set by", *(("What it is",) if with_help else ())):
        table.add_column(name, overflow="fold")
    for key, field in Settings.model_fields.items():
        value, origin = _shown(getattr(settings, key)), origins.get(key, "default")
        if as_json:
            emit({"setting": key, "value": value, "set_by": origin, "variable": PREFIX + key.upper()})
        else:
            described = (Text(field.description or ""),) if with_help else ()
            table.add_row(key, Text(value), Text(origin), *described)
    if not as_json:
        out.print(table)


@app.command()
def check(context: typer.Context, as_json: Json = False) -> None:
    """Check the settings and nothing else; ends 3 where one is wrong. Example: `monitor config check`"""
    _settings, origins = settings_of(context)
    if as_json:
        emit({"valid": True, "set": origins})
        return
    show(f"The settings are valid; {counted(len(origins), 'setting')} differ from the defaults by file or variable.")


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return "(set, not shown)"
    if isinstance(value, tuple):
        return ", ".join(str(part) for part in value)
    return "" if value is None else str(value)


def doctor(
    context: typer.Context,
    service: Annotated[bool, typer.Option("--service", help="Only whether a service is at work; quick.")] = False,
    as_json: Json = False,
) -> None:
    """Examine this installation and say what to mend; ends 1 where something must be. Example: `monitor doctor`"""
    settings, _origins = settings_of(context)
    findings: list[Finding] = [examine_service(settings, utc_now())] if service else asyncio.run(examine(settings))
    for finding in findings:
        if as_json:
            emit(finding)
        else:
            style = {"ok": "green", "warning": "yellow", "fault": "red"}[finding.level]
            show(Text.assemble((f"{finding.level:8}", style), f"{finding.what}: {finding.words}"))
    faults = sum(finding.level == "fault" for finding in findings)
    if faults:
        say(f"{counted(faults, 'fault')} to mend", style="red")
        raise typer.Exit(FAILURE)
