"""Every setting, declared once. `load` is the only reader of `config.toml` and of the environment."""

from __future__ import annotations

import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, get_type_hints


class SettingsError(Exception):
    """A setting is missing, unknown or out of bounds; the message names it and says what to write."""


@dataclass(frozen=True)
class Installation:
    name: str
    base_url: str
    time_zone: str


@dataclass(frozen=True)
class Comparison:
    certainty: float
    expiry_days: int
    minimum_term_weeks: int
    ignored_reasons_not_tested: list[str]

    def __post_init__(self) -> None:
        if not 0.70 <= self.certainty <= 0.95:
            raise SettingsError("[comparison] certainty must lie between 0.70 and 0.95")


@dataclass(frozen=True)
class Campaign:
    window_opens: str
    window_closes: str
    household_cap: int
    household_cap_days: int
    teacher_preview_days: int


@dataclass(frozen=True)
class Languages:
    offered: list[str]
    drafts_allowed_by: str
    drafts_allowed_reason: str

    @property
    def drafts_allowed(self) -> bool:
        return bool(self.drafts_allowed_by and self.drafts_allowed_reason)


@dataclass(frozen=True)
class Mail:
    sender: str
    from_address: str
    from_name: str
    postal_address: str
    smtp_host: str
    smtp_port: int
    smtp_user: str

    def __post_init__(self) -> None:
        if self.sender not in {"mailbox", "smtp", "sendgrid"}:
            raise SettingsError('[mail] sender must be "mailbox", "smtp" or "sendgrid"')


@dataclass(frozen=True)
class Intake:
    maximum_file_megabytes: int
    maximum_zip_ratio: int
    maximum_zip_members: int


@dataclass(frozen=True)
class Privacy:
    minimum_group: int
    family_link_days: int


@dataclass(frozen=True)
class Web:
    host: str
    port: int
    idle_minutes: int
    session_hours: int


@dataclass(frozen=True)
class Secrets:
    """From the environment only, and never shown: `repr` leaves them out."""

    database_url: str | None = field(default=None, repr=False)
    secret_key: str = field(default="", repr=False)
    sendgrid_api_key: str | None = field(default=None, repr=False)
    smtp_password: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Settings:
    home: Path
    secrets: Secrets
    installation: Installation
    comparison: Comparison
    campaign: Campaign
    languages: Languages
    mail: Mail
    intake: Intake
    privacy: Privacy
    web: Web


SHIPPED_CONFIG = Path(__file__).resolve().parent.parent / "config.toml"


def load(config: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Read `config` (default: GBG_CONFIG, else the project's `config.toml`) and the environment.

    Raises SettingsError for a file that is not TOML and for any unknown, missing or wrongly typed key.
    """
    environment = os.environ if environment is None else environment
    path = config or Path(environment.get("GBG_CONFIG", SHIPPED_CONFIG))
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read as TOML: {error}") from error
    sections = {f.name: f for f in fields(Settings) if f.name not in {"home", "secrets"}}
    hints = get_type_hints(Settings)
    _refuse_unknown(path, "", document, set(sections))
    parts = {name: _section(path, name, hints[name], document.get(name)) for name in sections}
    home = Path(environment.get("GBG_HOME", "var")).expanduser().resolve()
    return Settings(home=home, secrets=_secrets(home, environment), **parts)


def _section(path: Path, name: str, kind: Any, values: Any) -> Any:
    if not isinstance(values, dict):
        raise SettingsError(f"{path}: the section [{name}] is missing")
    if not is_dataclass(kind):
        raise TypeError(f"{name} is not declared as a dataclass")
    hints = get_type_hints(kind)
    _refuse_unknown(path, name, values, set(hints))
    for key, hint in hints.items():
        if key not in values:
            raise SettingsError(f"{path}: [{name}] {key} is missing; the shipped config.toml explains it")
        values[key] = _typed(path, name, key, hint, values[key])
    return kind(**values)  # type: ignore[operator]


def _typed(path: Path, section: str, key: str, hint: Any, value: Any) -> Any:
    wanted = getattr(hint, "__origin__", hint)
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        raise SettingsError(f"{path}: [{section}] {key} must be {wanted.__name__}, not {value!r}")
    return value


def _refuse_unknown(path: Path, section: str, values: Mapping[str, Any], known: set[str]) -> None:
    for key in values:
        if key not in known:
            where = f"[{section}] {key}" if section else f"[{key}]"
            raise SettingsError(f"{path}: {where} is not a setting; known here: {', '.join(sorted(known))}")


def _secrets(home: Path, environment: Mapping[str, str]) -> Secrets:
    return Secrets(
        database_url=environment.get("DATABASE_URL"),
        secret_key=environment.get("GBG_SECRET_KEY") or _own_secret_key(home),
        sendgrid_api_key=environment.get("SENDGRID_API_KEY"),
        smtp_password=environment.get("SMTP_PASSWORD"),
    )


def _own_secret_key(home: Path) -> str:
    """A key made once per data folder, so that a single machine needs no set-up; mode 0600."""
    file = home / "secret_key"
    if file.exists():
        return file.read_text(encoding="ascii")
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text(encoding="ascii")
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(secrets.token_urlsafe(48))
    return file.read_text(encoding="ascii")
