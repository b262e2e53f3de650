"""Every setting, declared once. `load` is the only reader of `config.toml` and of the environment."""

from __future__ import annotations

import os
import re
import secrets
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import get_type_hints

from campaign.consents.revocation import Consent
from campaign.correspondence.conversation_settings import Conversations, Translation
from campaign.school_year.weekly import WEEKDAYS
from campaign.settings_file import SettingsError, is_zone, refuse_unknown, section
from campaign.settings_file import demand as _demand
from campaign.settings_sending import Limits, Mail, Sms

__all__ = ["SHIPPED_CONFIG", "Mail", "Secrets", "Settings", "SettingsError", "Sms", "load"]

_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


@dataclass(frozen=True)
class Installation:
    name: str
    base_url: str
    time_zone: str

    def __post_init__(self) -> None:
        begins = self.base_url.startswith(("http://", "https://"))
        _demand(
            begins and not self.base_url.endswith("/"),
            "base_url must be http(s)://… without a slash at the end",
        )
        _demand(is_zone(self.time_zone), 'time_zone must be a name such as "America/Chicago"')


@dataclass(frozen=True)
class Comparison:
    certainty: float
    expiry_days: int
    minimum_term_weeks: int
    english_proficiency: float
    ignored_reasons_not_tested: list[str]

    def __post_init__(self) -> None:
        _demand(0.70 <= self.certainty <= 0.95, "certainty must lie between 0.70 and 0.95")
        _demand(self.expiry_days > 0, "expiry_days must be at least 1")
        _demand(self.minimum_term_weeks >= 0, "minimum_term_weeks must not be negative")
        _demand(self.english_proficiency > 0, "english_proficiency must be above 0, such as 5.0")


@dataclass(frozen=True)
class Campaign:
    window_opens: str
    window_closes: str
    household_cap: int
    household_cap_days: int
    teacher_preview_days: int
    approvals: int
    digest_day: str
    digest_at: str

    def __post_init__(self) -> None:
        hours = (self.window_opens, self.window_closes)
        _demand(all(map(_CLOCK.fullmatch, hours)), 'window_opens and window_closes must be like "09:00"')
        _demand(self.window_opens < self.window_closes, "window_opens must be before window_closes")
        _demand(
            self.household_cap > 0 and self.household_cap_days > 0,
            "household_cap and its days must be at least 1",
        )
        _demand(self.teacher_preview_days >= 0, "teacher_preview_days must not be negative")
        _demand(0 <= self.approvals <= 5, "approvals must lie between 0 (none needed) and 5")
        _demand(self.digest_day in WEEKDAYS, f"digest_day must be one of: {', '.join(WEEKDAYS)}")
        in_hours = (
            bool(_CLOCK.fullmatch(self.digest_at))
            and self.window_opens <= self.digest_at < self.window_closes
        )
        _demand(in_hours, 'digest_at must lie between window_opens and window_closes, such as "17:30"')


@dataclass(frozen=True)
class Languages:
    offered: list[str]
    required_share: dict[str, float]

    def __post_init__(self) -> None:
        _demand("en" in self.offered, 'offered must contain "en": English stands on the back of every report')
        codes = all(re.fullmatch("[A-Z]{2}", state) for state in self.required_share)
        _demand(codes, "required_share must name states by their postal code, such as CA")
        shares = all(0 < share <= 1 for share in self.required_share.values())
        _demand(shares, "required_share must be shares of a school above 0 and at most 1, such as 0.15")


@dataclass(frozen=True)
class Intake:
    maximum_file_megabytes: int
    maximum_zip_ratio: int
    maximum_zip_members: int
    keep_uploads_days: int
    maximum_workbook_megabytes: int = 512
    largest_withdrawal_percent: int = 20
    rows_per_part: int = 200_000

    def __post_init__(self) -> None:
        _demand(0 <= self.largest_withdrawal_percent <= 100, "largest_withdrawal_percent must be 0 to 100")
        smallest = min(
            self.maximum_file_megabytes,
            self.maximum_zip_ratio,
            self.maximum_zip_members,
            self.maximum_workbook_megabytes,
        )
        _demand(smallest > 0, "every limit must be at least 1")
        _demand(self.rows_per_part > 0, "rows_per_part must be at least 1")
        _demand(self.keep_uploads_days > 0, "keep_uploads_days must be at least 1")


@dataclass(frozen=True)
class EdFi:
    base_url: str

    def __post_init__(self) -> None:
        begins = self.base_url.startswith(("http://", "https://"))
        _demand(not self.base_url or begins, 'base_url must be https://… or "" (no Ed-Fi server)')


@dataclass(frozen=True)
class Privacy:
    minimum_group: int
    family_link_days: int

    def __post_init__(self) -> None:
        _demand(
            self.minimum_group >= 5, "minimum_group must be at least 5: smaller groups give children away"
        )
        _demand(self.family_link_days > 0, "family_link_days must be at least 1")


@dataclass(frozen=True)
class Web:
    host: str
    port: int
    idle_minutes: int
    session_hours: int

    def __post_init__(self) -> None:
        _demand(0 < self.port < 65536, "port must lie between 1 and 65535")
        _demand(
            self.idle_minutes > 0 and self.session_hours > 0,
            "idle_minutes and session_hours must be at least 1",
        )


@dataclass(frozen=True)
class Speech:
    voice: str
    service_url: str

    def __post_init__(self) -> None:
        _demand(
            self.voice in {"espeak-ng", "service", "none"}, 'voice must be "espeak-ng", "service" or "none"'
        )
        safe = self.service_url.startswith(("https://", "http://127.0.0.1:", "http://[::1]:"))
        _demand(not self.service_url or safe, 'service_url must be https://… or "" (no voice service)')
        _demand(
            self.voice != "service" or bool(self.service_url), 'service_url is needed for voice = "service"'
        )


@dataclass(frozen=True)
class Secrets:
    """From the environment only, and never shown: `repr` leaves them out."""

    database_url: str | None = field(default=None, repr=False)
    secret_key: str = field(default="", repr=False)
    sendgrid_api_key: str | None = field(default=None, repr=False)
    sendgrid_webhook_key: str | None = field(default=None, repr=False)
    sendgrid_inbound_secret: str | None = field(default=None, repr=False)
    twilio_account_sid: str | None = field(default=None, repr=False)
    twilio_auth_token: str | None = field(default=None, repr=False)
    smtp_password: str | None = field(default=None, repr=False)
    edfi_key: str | None = field(default=None, repr=False)
    edfi_secret: str | None = field(default=None, repr=False)
    speech_api_key: str | None = field(default=None, repr=False)
    translation_api_key: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Settings:
    home: Path
    secrets: Secrets
    installation: Installation
    comparison: Comparison
    campaign: Campaign
    consent: Consent
    languages: Languages
    mail: Mail
    sms: Sms
    limits: Limits
    intake: Intake
    edfi: EdFi
    privacy: Privacy
    web: Web
    speech: Speech
    conversations: Conversations
    translation: Translation

    @property
    def own_tests(self) -> Path:
        """Folder of layouts of tests that a district adds to those shipped, one folder each."""
        return self.home / "assessments"


SHIPPED_CONFIG = Path(__file__).resolve().parent.parent / "config.toml"


def load(config: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Read `config` (default: GBG_CONFIG, else the project's `config.toml`) and the environment.

    Raises SettingsError for a file that is not TOML and for any unknown, missing or wrongly typed key.
    """
    environment = os.environ if environment is None else environment
    path = config or Path(environment.get("GBG_CONFIG", SHIPPED_CONFIG))
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"{path}: cannot be read: {error.strerror}. Set GBG_CONFIG to your config.toml"
        ) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: is not valid TOML: {error}") from None
    sections = {f.name: f for f in fields(Settings) if f.name not in {"home", "secrets"}}
    hints = get_type_hints(Settings)
    refuse_unknown(path, "", document, set(sections))
    parts = {name: section(path, name, hints[name], document.get(name)) for name in sections}
    home = Path(environment.get("GBG_HOME", "var")).expanduser().resolve()
    return Settings(home=home, secrets=_secrets(home, environment), **parts)


def _secrets(home: Path, environment: Mapping[str, str]) -> Secrets:
    return Secrets(
        database_url=environment.get("DATABASE_URL") or None,
        secret_key=environment.get("GBG_SECRET_KEY") or _own_secret_key(home),
        sendgrid_api_key=environment.get("SENDGRID_API_KEY") or None,
        sendgrid_webhook_key=environment.get("SENDGRID_WEBHOOK_KEY") or None,
        sendgrid_inbound_secret=environment.get("SENDGRID_INBOUND_SECRET") or None,
        twilio_account_sid=environment.get("TWILIO_ACCOUNT_SID") or None,
        twilio_auth_token=environment.get("TWILIO_AUTH_TOKEN") or None,
        smtp_password=environment.get("SMTP_PASSWORD") or None,
        edfi_key=environment.get("EDFI_KEY") or None,
        edfi_secret=environment.get("EDFI_SECRET") or None,
        speech_api_key=environment.get("SPEECH_API_KEY") or None,
        translation_api_key=environment.get("TRANSLATION_API_KEY") or None,
    )


def _own_secret_key(home: Path) -> str:
    """A key made once per data folder, so that a single machine needs no set-up; mode 0600."""
    file = home / "secret_key"
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with suppress(FileExistsError):
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as out:
                out.write(secrets.token_urlsafe(48))
        return file.read_text(encoding="ascii")
    except OSError as error:
        raise SettingsError(
            f"the data folder {home} cannot be used ({error.strerror}); set GBG_HOME"
        ) from None
