"""A setting that is unknown, missing, of the wrong kind or out of bounds stops the start and is named."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from campaign import settings
from campaign.settings import SHIPPED_CONFIG, SettingsError

ALL_OFFERED = 'offered = ["en", "es", "ar", "zh", "vi", "pt", "ht", "ru", "so", "tl", "ko", "ur"]'


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"GBG_HOME": str(tmp_path / "home")}


def changed(tmp_path: Path, old: str, new: str) -> Path:
    """The shipped configuration with one line changed."""
    shipped = SHIPPED_CONFIG.read_text(encoding="utf-8")
    assert shipped.count(old) == 1
    config = tmp_path / "config.toml"
    config.write_text(shipped.replace(old, new), encoding="utf-8")
    return config


def test_shipped_configuration_loads(environment: dict[str, str]) -> None:
    loaded = settings.load(environment=environment)
    assert loaded.privacy.minimum_group == 10
    assert loaded.home == Path(environment["GBG_HOME"])


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("certainty = 0.80", "", "[comparison] certainty is missing"),
        ("certainty = 0.80", "certainty = 0.80\nsurely = 1", "[comparison] surely is not a setting"),
        ("[privacy]", "[secrecy]", "[secrecy] is not a setting"),
        ("certainty = 0.80", 'certainty = "high"', "[comparison] certainty must be a number, not 'high'"),
        ("expiry_days = 400", "expiry_days = true", "[comparison] expiry_days must be a whole number"),
        (ALL_OFFERED, "offered = [1]", "[languages] offered must be a list of texts"),
        ("certainty = 0.80", "certainty = 0.5", "between 0.70 and 0.95"),
        ('"America/Chicago"', '"Chicago"', "time_zone must be a name"),
        ('"http://127.0.0.1:8000"', '"http://127.0.0.1:8000/"', "without a slash at the end"),
        ('window_opens = "09:00"', 'window_opens = "9"', 'must be like "09:00"'),
        ('window_opens = "09:00"', 'window_opens = "20:00"', "window_opens must be before"),
        ("household_cap = 3", "household_cap = 0", "at least 1"),
        ("approvals = 2", "approvals = -1", "approvals must lie between 0"),
        (ALL_OFFERED, 'offered = ["es"]', 'offered must contain "en"'),
        ("{ CA = 0.15 }", "0.15", "[languages] required_share must be a table, not 0.15"),
        ("{ CA = 0.15 }", '{ CA = "15" }', "required_share must be a table of numbers"),
        ("{ CA = 0.15 }", "{ California = 0.15 }", "name states by their postal code, such as CA"),
        ("{ CA = 0.15 }", "{ CA = 15 }", "shares of a school above 0 and at most 1"),
        ('sender = "mailbox"\nfrom', 'sender = "pigeon"\nfrom', '"mailbox", "smtp" or "sendgrid"'),
        ('sender = "mailbox"\n# Twilio', 'sender = "pigeon"\n# Twilio', '"none", "mailbox" or "twilio"'),
        ('sender = "mailbox"\n# Twilio', 'sender = "twilio"\n# Twilio', "messaging_service is needed"),
        ('"https://api.twilio.com"', '"http://api.twilio.com"', "twilio_host must be https://"),
        ("cost_per_segment = 0.012", "cost_per_segment = -1", "must not be negative"),
        ('second_sender = ""', 'second_sender = "smtp"', "another than sender, which must really send"),
        ("second_share = 0", "second_share = 60", "a percentage from 0 to 50"),
        ("{ smtp = 20, twilio = 10 }", "{ pigeon = 20 }", "mailbox, smtp, sendgrid or twilio"),
        ("{ smtp = 20, twilio = 10 }", "{ smtp = 0 }", "numbers above 0"),
        ("https://api.sendgrid.com", "http://api.sendgrid.com", "sendgrid_host must be https://"),
        ("minimum_group = 10", "minimum_group = 2", "at least 5"),
        ("port = 8000", "port = 80000", "between 1 and 65535"),
        ('voice = "espeak-ng"', 'voice = "parrot"', '"espeak-ng", "service" or "none"'),
        ('voice = "espeak-ng"', 'voice = "service"', "service_url is needed"),
        ('service_url = ""', 'service_url = "http://example.org/speak"', "service_url must be https://"),
        ("[web]", "[web", "is not valid TOML"),
    ],
)
def test_wrong_setting_is_named(
    tmp_path: Path, environment: dict[str, str], old: str, new: str, words: str
) -> None:
    config = changed(tmp_path, old, new)
    with pytest.raises(SettingsError) as caught:
        settings.load(config, environment)
    assert str(caught.value).startswith(f"{config}: ")
    assert words in str(caught.value)


def test_missing_file_says_which_variable_to_set(tmp_path: Path, environment: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="GBG_CONFIG"):
        settings.load(environment=environment | {"GBG_CONFIG": str(tmp_path / "none.toml")})


def test_unusable_data_folder_says_which_variable_to_set(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SettingsError, match="GBG_HOME"):
        settings.load(environment={"GBG_HOME": str(tmp_path / "file" / "home")})


def test_secret_key_is_made_once_and_closed_to_others(environment: dict[str, str]) -> None:
    first = settings.load(environment=environment)
    second = settings.load(environment=environment)
    assert first.secrets.secret_key == second.secrets.secret_key
    assert len(first.secrets.secret_key) >= 32
    assert stat.S_IMODE((first.home / "secret_key").stat().st_mode) == 0o600
    assert stat.S_IMODE(first.home.stat().st_mode) == 0o700


def test_secrets_are_not_in_what_settings_print(environment: dict[str, str]) -> None:
    names = ("DATABASE_URL", "GBG_SECRET_KEY", "SENDGRID_API_KEY", "SMTP_PASSWORD", "SPEECH_API_KEY")
    secret = {name: f"hidden-{number}" for number, name in enumerate(names)}
    loaded = settings.load(environment=environment | secret)
    assert loaded.secrets.smtp_password == "hidden-3"
    assert "hidden" not in repr(loaded)
