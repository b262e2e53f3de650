"""What must be true before the program works: small checks, each with a remedy in plain words.

`gbg doctor` runs them all; a command runs those it needs with `require`, so that a missing key, font or library is
found before the work begins and not in the middle of it.
"""

from __future__ import annotations

import os
import shutil
import socket
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from campaign import database, machine
from campaign import settings as settings_module
from campaign.access import ENGINE
from campaign.plain_error import PlainError
from campaign.senders import sendgrid_events
from campaign.settings import Settings, SettingsError
from campaign.voices import choice

LEAST_FREE_BYTES = 1_000_000_000
SHORTEST_SECRET_KEY = 32
ASSETS = Path(__file__).parent / "web" / "static" / "vendor"


class NotReady(PlainError):
    """Something that a command needs is missing; the message says what, and what to do."""


@dataclass(frozen=True)
class Finding:
    """What one check saw. `remedy` is empty where all is well."""

    check: str
    seen: str
    remedy: str = ""

    @property
    def is_well(self) -> bool:
        return not self.remedy

    def __str__(self) -> str:
        line = f"{'✓' if self.is_well else '✗'} {self.check:10s} {self.seen}"
        return line if self.is_well else f"{line}\n  {'':10s} What to do: {self.remedy}"


def secrets(settings: Settings) -> Finding:
    """The keys that the chosen sender and the links need."""
    held = settings.secrets
    missing = ""
    if len(held.secret_key) < SHORTEST_SECRET_KEY:
        return Finding(
            "secrets",
            f"GBG_SECRET_KEY is shorter than {SHORTEST_SECRET_KEY} characters",
            'set one made by:  python3 -c "import secrets; print(secrets.token_urlsafe(48))"',
        )
    if settings.mail.sender == "sendgrid" and not held.sendgrid_api_key:
        missing = "SENDGRID_API_KEY"
    elif settings.mail.sender == "smtp" and settings.mail.smtp_user and not held.smtp_password:
        missing = "SMTP_PASSWORD"
    if missing:
        remedy = f'set {missing} in the environment, or [mail] sender = "mailbox" in config.toml'
        return Finding(
            "secrets", f'{missing} is not set, and [mail] sender is "{settings.mail.sender}"', remedy
        )
    return Finding("secrets", f'all there for the sender "{settings.mail.sender}"')


def providers(settings: Settings) -> Finding:
    """What providers need to send text messages and to tell us what became of what they took."""
    used = {settings.mail.sender, settings.sms.sender} & {"sendgrid", "twilio"}
    for holds, seen, remedy in _provider_rules(settings, used):
        if not holds:
            return Finding("providers", seen, remedy)
    texts = {"none": "no text messages are sent", "mailbox": "text messages go into the mailbox folder"}
    told = ", ".join(sorted(used)) or "none; nothing leaves through one"
    return Finding("providers", f"{told}; {texts.get(settings.sms.sender, 'text messages go out by Twilio')}")


def _provider_rules(settings: Settings, used: set[str]) -> Iterator[tuple[bool, str, str]]:
    """Whether a rule holds, what is seen where it does not, and what to do."""
    held, public = settings.secrets, settings.installation.base_url.startswith("https://")
    yield (
        "twilio" not in used or bool(held.twilio_account_sid and held.twilio_auth_token),
        'TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN are not both set, and [sms] sender is "twilio"',
        'set them in the environment, or [sms] sender = "none" in config.toml',
    )
    yield (
        "sendgrid" not in used or bool(held.sendgrid_webhook_key),
        "SENDGRID_WEBHOOK_KEY is not set, so no event of SendGrid is believed",
        "switch the Signed Event Webhook on and set its verification key (docs/operations.md, Providers)",
    )
    yield (
        not held.sendgrid_webhook_key or _is_key(held.sendgrid_webhook_key),
        "SENDGRID_WEBHOOK_KEY is not a verification key as SendGrid shows it",
        "copy it again from the settings of the Signed Event Webhook",
    )
    yield (
        not held.sendgrid_inbound_secret or len(held.sendgrid_inbound_secret) >= SHORTEST_SECRET_KEY,
        f"SENDGRID_INBOUND_SECRET is shorter than {SHORTEST_SECRET_KEY} characters",
        'set one made by:  python3 -c "import secrets; print(secrets.token_urlsafe(32))"',
    )
    yield (
        not used or public,
        f"providers cannot reach {settings.installation.base_url} to tell what became of messages",
        "set [installation] base_url to the public https:// address",
    )
    yield (
        settings.mail.sender == "mailbox" or settings.sms.sender != "mailbox",
        "e-mails go out, but text messages are only written into the mailbox folder",
        'set [sms] sender to "twilio" or "none"',
    )


def _is_key(key: str) -> bool:
    try:
        return bool(sendgrid_events.public_key(key))
    except ValueError:
        return False


def folder(settings: Settings) -> Finding:
    """The data folder holds children's records: this account may write there and no other may look."""
    home = settings.home
    if not os.access(home, os.W_OK | os.X_OK):
        return Finding("folder", f"{home} cannot be written", "set GBG_HOME to a folder of this account")
    mode = stat.S_IMODE(home.stat().st_mode)
    # Started by root, PostgreSQL runs under an account of its own, which has to pass through the folder.
    if mode & (0o066 if os.geteuid() == 0 else 0o077):
        return Finding("folder", f"{home} is open to other accounts ({mode:o})", f"chmod 700 {home}")
    return Finding("folder", f"{home} is writable, and closed to other accounts")


def space(settings: Settings) -> Finding:
    """Room for the database, the reports and the mailbox."""
    place = next(path for path in (settings.home, *settings.home.parents) if path.exists())
    free = shutil.disk_usage(place).free
    seen = f"{free / 1e9:.1f} GB free for {settings.home}"
    if free < LEAST_FREE_BYTES:
        return Finding("space", seen, "free at least 1 GB, or set GBG_HOME to a folder on a larger disk")
    return Finding("space", seen)


def store(settings: Settings) -> Finding:
    """The database answers, has the newest schema, and lets us take on the roles that guard it."""
    kind = "external" if settings.secrets.database_url else "embedded"
    try:
        engine = database.start(settings)
        try:
            with database.transaction(engine, ENGINE):
                pass
        finally:
            engine.dispose()
    except Exception as error:  # noqa: BLE001  whatever stops the database, a person must read it as one line
        reason = str(error).strip().partition("\n")[0]
        return Finding(
            "database", f"{kind}: {reason}", "see docs/operations.md, “When the database does not start”"
        )
    return Finding("database", f"{kind} PostgreSQL answers, with the newest schema")


def pango(_: Settings) -> Finding:
    """WeasyPrint cannot start without Pango."""
    return _machine("pango", machine.PANGO)


def subsetter(_: Settings) -> Finding:
    """WeasyPrint only warns when this is missing, and then takes twice the time for each report."""
    return _machine("subsetter", machine.SUBSETTER)


def _machine(check: str, need: machine.Need) -> Finding:
    if need.is_there():
        return Finding(check, f"{need.name} is there; it {need.purpose}")
    return Finding(
        check, f"{need.name} is missing; it {need.purpose}", f"apt-get install {need.debian_package}"
    )


def fonts(settings: Settings) -> Finding:
    """Letters for every language that families may get: a missing one prints as empty boxes."""
    without = [language for language in settings.languages.offered if not machine.has_font(language)]
    if without:
        names = ", ".join(without)
        remedy = f"apt-get install {machine.FONTS.debian_package} fonts-noto-cjk fontconfig"
        return Finding("fonts", f"no Noto font for: {names}", remedy)
    return Finding("fonts", f"Noto fonts for: {', '.join(settings.languages.offered)}")


def voices(settings: Settings) -> Finding:
    """Languages in which reports can be read aloud. Pages offer no sound in the others, so nothing fails."""
    if settings.speech.voice == "none":
        return Finding("voices", 'reports are not read aloud ([speech] voice = "none")')
    if settings.speech.voice == "service" and not settings.secrets.speech_api_key:
        return Finding("voices", 'SPEECH_API_KEY is not set, and [speech] voice is "service"',
                       'set it in the environment, or [speech] voice = "espeak-ng"')  # fmt: skip
    missing = [need for need in machine.WISHED if not need.is_there()]
    if settings.speech.voice == "espeak-ng" and missing:
        names = " and ".join(need.name for need in missing)
        packages = " ".join(need.debian_package for need in missing)
        remedy = f'apt-get install {packages}, or [speech] voice = "none"'
        return Finding("voices", f"{names}: not there, so no report can be heard", remedy)
    spoken, silent = choice.heard(settings)
    without = f"; not in: {', '.join(silent)}" if silent else ""
    return Finding("voices", f"reports can be heard in: {', '.join(spoken)}{without}")


def assets(_: Settings) -> Finding:
    """Style sheets and scripts of the staff pages, which set-up copies."""
    if any(ASSETS.rglob("*.css")) and any(ASSETS.rglob("*.js")):
        return Finding("assets", "style sheets and scripts of the staff pages are there")
    return Finding("assets", "style sheets and scripts of the staff pages are missing", "make setup")


def port(settings: Settings) -> Finding:
    """Nobody else serves at the address of the pages."""
    web = settings.web
    where = f"{web.host}, port {web.port}"
    try:
        # As the server itself asks for it; it is free again at once.
        socket.create_server((web.host, web.port)).close()
    except OSError as error:
        why = f"{where}, cannot be served ({os.strerror(error.errno or 0)})"
        return Finding("port", why, "stop what serves there, or set another port in [web] of config.toml")
    return Finding("port", f"{where} is free")


CHECKS: dict[str, Callable[[Settings], Finding]] = {
    "secrets": secrets,
    "providers": providers,
    "folder": folder,
    "space": space,
    "database": store,
    "pango": pango,
    "subsetter": subsetter,
    "fonts": fonts,
    "assets": assets,
    "voices": voices,
}

# Asked before pages are served, never while they are.
_BEFORE_SERVING = {"port": port}
_ALL = CHECKS | _BEFORE_SERVING

PRINTING = ("pango", "subsetter", "fonts")
SERVING = (*CHECKS, *_BEFORE_SERVING)


def examine(settings: Settings, names: Iterable[str] = CHECKS) -> list[Finding]:
    """The findings of the named checks, in their own order. Raises KeyError for an unknown name."""
    wanted = set(names)
    if unknown := wanted - set(_ALL):
        raise KeyError(f"no such check: {', '.join(sorted(unknown))}")
    return [check(settings) for name, check in _ALL.items() if name in wanted]


def examine_installation() -> list[Finding]:
    """All findings for the installation that the environment describes, its settings first."""
    try:
        settings = settings_module.load()
    except SettingsError as error:
        return [
            Finding("settings", str(error), "docs/settings.md lists every setting; then run gbg doctor again")
        ]
    return [Finding("settings", "complete"), *examine(settings)]


def require(settings: Settings, *names: str) -> None:
    """Raise NotReady with every remedy at once if one of the named checks fails."""
    wrong = [finding for finding in examine(settings, names) if not finding.is_well]
    if wrong:
        raise NotReady("\n".join(f"{finding.seen}. What to do: {finding.remedy}" for finding in wrong))
