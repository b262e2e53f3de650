"""Each check passes where all is well and names its remedy where it is not."""

from __future__ import annotations

import dataclasses
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from campaign import doctor, settings
from campaign.doctor import NotReady
from campaign.settings import Installation, Settings, Speech
from tests.campaign.provider_events import SignedEvents


@pytest.fixture
def ours(tmp_path: Path, database_url: str) -> Settings:
    """A complete installation on a database of this test's own."""
    return settings.load(environment={"GBG_HOME": str(tmp_path / "home"), "DATABASE_URL": database_url})


def with_mail(ours: Settings, **changes: str) -> Settings:
    return dataclasses.replace(ours, mail=dataclasses.replace(ours.mail, **changes))


def with_secrets(ours: Settings, **changes: str) -> Settings:
    return dataclasses.replace(ours, secrets=dataclasses.replace(ours.secrets, **changes))


def test_complete_installation_is_ready(ours: Settings) -> None:
    findings = doctor.examine(ours)
    assert [finding.check for finding in findings] == list(doctor.CHECKS)
    assert [str(finding) for finding in findings if not finding.is_well] == []
    doctor.require(ours, "secrets", "database")


def test_an_address_that_somebody_serves_already_is_found_before_pages_are_served(ours: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = dataclasses.replace(ours, web=dataclasses.replace(ours.web, port=other.getsockname()[1]))
        with pytest.raises(NotReady, match="set another port"):
            doctor.require(taken, "port")
    doctor.require(taken, "port")
    assert "port" not in [finding.check for finding in doctor.examine(taken)]


@pytest.mark.parametrize(("sender", "missing"), [("sendgrid", "SENDGRID_API_KEY"), ("smtp", "SMTP_PASSWORD")])
def test_sender_without_its_key_is_found(ours: Settings, sender: str, missing: str) -> None:
    with pytest.raises(NotReady, match=missing):
        doctor.require(with_mail(ours, sender=sender, smtp_user="gbg"), "secrets")


def test_smtp_without_user_needs_no_password(ours: Settings) -> None:
    doctor.require(with_mail(ours, sender="smtp"), "secrets")


def test_a_provider_without_its_keys_is_found(ours: Settings) -> None:
    ours = dataclasses.replace(
        ours, installation=dataclasses.replace(ours.installation, base_url="https://gbg.example.org")
    )
    sms = dataclasses.replace(ours.sms, sender="twilio", messaging_service="MG1")
    texting = dataclasses.replace(ours, sms=sms)
    mailing = with_mail(
        dataclasses.replace(ours, sms=dataclasses.replace(sms, sender="none")), sender="sendgrid"
    )
    key = SignedEvents().key
    keyed = with_secrets(mailing, sendgrid_webhook_key=key)
    secrets = {"twilio_account_sid": "AC1", "twilio_auth_token": "t"}
    found = [
        (texting, "TWILIO_ACCOUNT_SID"),
        (with_secrets(texting, **secrets), ""),
        (mailing, "SENDGRID_WEBHOOK_KEY is not set"),
        (with_secrets(mailing, sendgrid_webhook_key="AAAA"), "not a verification key"),
        (keyed, ""),
        (with_secrets(keyed, sendgrid_inbound_secret="short"), "SENDGRID_INBOUND_SECRET is shorter"),
        (
            dataclasses.replace(keyed, installation=Installation("x", "http://x", "UTC")),
            "cannot reach http://x",
        ),
        (dataclasses.replace(keyed, sms=dataclasses.replace(sms, sender="mailbox")), "only written"),
    ]
    for chosen, wanted in found:
        finding = doctor.providers(chosen)
        assert wanted in finding.seen
        assert finding.is_well is not bool(wanted)


def test_short_secret_key_is_found(ours: Settings) -> None:
    finding = doctor.secrets(with_secrets(ours, secret_key="short"))
    assert "GBG_SECRET_KEY" in finding.seen


def test_open_data_folder_is_found(ours: Settings) -> None:
    ours.home.chmod(0o755)
    finding = doctor.folder(ours)
    assert finding.remedy == f"chmod 700 {ours.home}"


def test_data_folder_that_is_not_there_is_found(ours: Settings, tmp_path: Path) -> None:
    finding = doctor.folder(dataclasses.replace(ours, home=tmp_path / "nowhere"))
    assert "GBG_HOME" in finding.remedy


@pytest.mark.parametrize("url", ["postgresql://gbg:hidden@127.0.0.1:1/gbg", "hidden"])
def test_database_that_does_not_answer_is_found_without_its_password(ours: Settings, url: str) -> None:
    finding = doctor.store(with_secrets(ours, database_url=url))
    assert not finding.is_well
    assert "hidden" not in str(finding)


def test_language_without_font_is_found(ours: Settings) -> None:
    languages = dataclasses.replace(ours.languages, offered=["en", "qqq"])
    finding = doctor.fonts(dataclasses.replace(ours, languages=languages))
    assert finding.seen == "no Noto font for: qqq"


def with_speech(ours: Settings, *offered: str, voice: str = "espeak-ng") -> Settings:
    languages = dataclasses.replace(ours.languages, offered=list(offered))
    return dataclasses.replace(ours, languages=languages, speech=Speech(voice, "https://voice.example/"))


def test_languages_that_cannot_be_heard_are_told_and_nothing_fails(ours: Settings) -> None:
    finding = doctor.voices(with_speech(ours, "en", "so", "es", "tl"))
    assert finding.is_well
    assert finding.seen == "reports can be heard in: en, es; not in: so, tl"


def test_a_voice_service_needs_its_key(ours: Settings) -> None:
    service = with_speech(ours, "en", "so", voice="service")
    assert "SPEECH_API_KEY" in doctor.voices(service).seen
    finding = doctor.voices(with_secrets(service, speech_api_key="hidden"))
    assert finding.seen == "reports can be heard in: en, so"


def test_a_machine_without_the_programs_says_what_to_install(
    ours: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    finding = doctor.voices(with_speech(ours, "en"))
    assert "apt-get install espeak-ng lame" in finding.remedy
    assert doctor.voices(with_speech(ours, "en", voice="none")).is_well


def test_all_that_is_missing_is_said_at_once(ours: Settings) -> None:
    ours.home.chmod(0o755)
    with pytest.raises(NotReady) as caught:
        doctor.require(with_mail(ours, sender="sendgrid"), "folder", "secrets")
    assert "SENDGRID_API_KEY" in str(caught.value)
    assert "chmod 700" in str(caught.value)


def test_unknown_check_is_refused(ours: Settings) -> None:
    with pytest.raises(KeyError, match="luck"):
        doctor.examine(ours, ["luck"])


def gbg(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("gbg")), *arguments]
    return subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)


def test_command_reports_and_ends_with_status_0(tmp_path: Path, database_url: str) -> None:
    ended = gbg("doctor", GBG_HOME=str(tmp_path / "home"), DATABASE_URL=database_url)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.count("✓") == 1 + len(doctor.CHECKS)


def test_command_with_broken_settings_ends_with_status_1_and_no_traceback(tmp_path: Path) -> None:
    ended = gbg("doctor", GBG_CONFIG=str(tmp_path / "none.toml"))
    assert ended.returncode == 1
    assert "✗ settings" in ended.stdout
    assert ended.stderr == ""


def test_help_needs_no_settings(tmp_path: Path) -> None:
    for arguments in (["--help"], ["doctor", "--help"]):
        assert gbg(*arguments, GBG_CONFIG=str(tmp_path / "none.toml")).returncode == 0


def test_missing_pango_is_said_before_anything_needs_it(tmp_path: Path) -> None:
    """WeasyPrint fails on import without Pango; here the linker does not find it."""
    without_pango = """
import ctypes, sys
find = ctypes.CDLL
def find_other(name, *arguments, **options):
    if "pango" in str(name):
        raise OSError(name)
    return find(name, *arguments, **options)
ctypes.CDLL = find_other
from campaign.__main__ import main
main()
"""
    environment = os.environ | {
        "GBG_HOME": str(tmp_path / "home"),
        "DATABASE_URL": "postgresql://127.0.0.1:1/gbg",
    }
    ended = subprocess.run(
        [sys.executable, "-c", without_pango, "plan"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr == "gbg: this machine is not ready\n"
    assert "✗ pango      Pango is missing" in ended.stdout
    assert "apt-get install libpangoft2-1.0-0" in ended.stdout
