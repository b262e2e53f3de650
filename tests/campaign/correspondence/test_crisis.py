"""Words of danger raise a flag, whatever the language; and what is no such word does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from campaign.correspondence.crisis import Danger, fold, signs
from campaign.correspondence.crisis_notices import tell
from campaign.correspondence.replies import Became
from content.languages import languages
from tests.campaign.correspondence.words_of_danger import OF_DANGER, OF_EVERY_DAY, sentences
from tests.campaign.correspondence.written import LINH, ROSA, delivery, mail, row, rows, run, sms, take_in
from tests.web_pages import MORNING

CASES = [
    ("He says he wants to kill himself", [Danger.SELF_HARM]),
    ("she DOESN’T want to live anymore", [Danger.SELF_HARM]),
    ("Mi hija dice que se quiere matar", [Danger.SELF_HARM]),
    ("no quiero  VIVIR", [Danger.SELF_HARM]),
    ("Su padrastro le pega", [Danger.ABUSE]),
    ("Her uncle beats her", [Danger.ABUSE]),
    ("A boy brought a gun", [Danger.WEAPON]),
    ("trae una navaja a la escuela y quiere morirse", [Danger.SELF_HARM, Danger.WEAPON]),
    ("他说想死", [Danger.SELF_HARM]),
    ("죽고 싶어요", [Danger.SELF_HARM]),
    ("con tôi muốn chết", [Danger.SELF_HARM]),
    ("Он избивает её", [Danger.ABUSE]),
    ("أريد أن أموت", [Danger.SELF_HARM]),
    ("وہ خودکشی کرنا چاہتا ہے", [Danger.SELF_HARM]),
    ("Bom dia, obrigado!", []),
    ("They sung a song and I begun to smile", []),
    ("shoot me an email", []),
    ("Is the bus late? My son's teacher is Mrs. Gunn", []),
    ("No tengo tiempo", []),
    ("", []),
    ("\u200bsui\u00adcide", [Danger.SELF_HARM]),
    ("\U0001d412uicide", [Danger.SELF_HARM]),  # a bold S that is a sign of its own
]


@pytest.mark.parametrize(("words", "kinds"), CASES)
def test_signs_of_danger(words: str, kinds: list[Danger]) -> None:
    assert [sign.kind for sign in signs(words)] == kinds


@pytest.mark.parametrize(("language", "words"), [*sentences(OF_DANGER)])
def test_a_sentence_that_tells_of_danger_raises_a_flag(language: str, words: str) -> None:
    assert signs(words), f"{language}: {words}"


@pytest.mark.parametrize(("language", "words"), [*sentences(OF_EVERY_DAY)])
def test_a_sentence_of_every_day_raises_none(language: str, words: str) -> None:
    assert not signs(words), f"{language}: {words}"


def test_danger_stands_out_beside_a_harmless_turn_of_phrase() -> None:
    assert [
        sign.words for sign in signs("Disculpe la molestia. La llamada se corta. Se corta los brazos.")
    ] == ["Se corta"]
    assert [sign.words for sign in signs("Shoot me an email: he has a gun, no nerf gun")] == ["gun"]


def test_every_language_of_families_has_words_of_danger() -> None:
    assert {language for language, _ in sentences(OF_DANGER)} == set(languages())


@given(st.text(max_size=200))
def test_any_text_can_be_looked_through(text: str) -> None:
    for sign in signs(text):
        assert sign.words
    assert fold(fold(text)) == fold(text)


@given(before=st.text(max_size=50), after=st.text(max_size=50))
def test_the_words_are_found_between_others_and_shown_as_written(before: str, after: str) -> None:
    found = signs(f"{before} Wants To DIE {after}")
    assert Danger.SELF_HARM in [sign.kind for sign in found]


def test_a_flag_is_raised_in_the_thread_and_in_the_audit(district: Engine, tmp_path: Path) -> None:
    take_in(district, sms("Ana dice que quiere morir"), tmp_path)
    flag = row(district, "SELECT kind, words, cleared_at FROM conversation_flag")
    assert flag == {"kind": "self_harm", "words": "quiere morir", "cleared_at": None}
    assert (
        row(district, "SELECT count(*) AS n FROM audit_entry WHERE action = 'crisis_flag_raised'")["n"] == 1
    )
    assert rows(district, "SELECT 1 FROM conversation_message WHERE direction = 'out'") == []


@pytest.mark.parametrize(
    ("named", "sender", "page", "told"),
    [
        # The protocol names the office and a school; only the office can open what nobody has placed.
        ("{2,3}", ROSA, "1", {"district", "school"}),
        ("{2,3}", LINH, "unplaced", {"district"}),
        # It names nobody, or nobody who can: everybody at the office is told.
        ("{}", ROSA, "1", {"district"}),
        ("{3}", LINH, "unplaced", {"district"}),
    ],
)
def test_whoever_can_read_of_danger_is_told_once(
    district: Engine, tmp_path: Path, named: str, sender: str, page: str, told: set[str]
) -> None:
    run(district, f"INSERT INTO crisis_protocol VALUES (1, 'Call.', '{named}', 'account:2', now())")
    run(district, f"UPDATE contact SET phone = '{LINH}' WHERE id IN (3, 4)")
    take_in(district, sms("she wants to die", sender=sender), tmp_path)
    notes = delivery(district, tmp_path)
    assert [tell(notes, MORNING) for _ in range(2)] == [len(told), 0]
    assert addressed(tmp_path, page) == {f"{role}@example.org" for role in told}


def test_danger_of_no_known_district_is_told_to_the_state(district: Engine, tmp_path: Path) -> None:
    take_in(district, sms("she wants to die", sender="+13035550000"), tmp_path)
    assert tell(delivery(district, tmp_path), MORNING) == 1
    assert addressed(tmp_path, "unplaced") == {"state@example.org"}


def addressed(home: Path, page: str) -> set[str]:
    """To whom notes went; each names the page and says nothing of the words."""
    notes = [path.read_text(encoding="utf-8") for path in sorted((home / "mailbox").rglob("*.*"))]
    assert all(f"/staff/conversations/{page}" in note and "to die" not in note for note in notes)
    return {note.partition("To: ")[2].partition("\n")[0].strip() for note in notes}


def test_danger_in_an_unknown_message_stands_with_it(district: Engine, tmp_path: Path) -> None:
    found = take_in(district, sms("she wants to die", sender="+13035550000"), tmp_path)
    assert found.became is Became.UNPLACED
    assert row(district, "SELECT crisis FROM reply")["crisis"] == ["self_harm"]


def test_danger_in_a_subject_is_danger(district: Engine, tmp_path: Path) -> None:
    take_in(district, mail("Please call me.", subject="She wants to die"), tmp_path)
    assert row(district, "SELECT kind FROM conversation_flag")["kind"] == "self_harm"
    found = row(district, "SELECT text FROM conversation_message WHERE direction = 'in'")
    assert found["text"] == "She wants to die\nPlease call me."


def test_a_stop_is_obeyed_and_opens_no_thread(district: Engine, tmp_path: Path) -> None:
    found = take_in(district, sms("STOP"), tmp_path)
    assert found.became is Became.OBEYED
    assert found.confirmation == "stopping.stopped"
    assert (
        row(district, "SELECT action, channel FROM consent_event WHERE channel = 'sms'")["action"]
        == "revoked"
    )
    assert rows(district, "SELECT 1 FROM conversation") == []
    assert row(district, "SELECT state FROM reply")["state"] == "obeyed"


def test_a_stop_with_words_of_danger_is_obeyed_and_read(district: Engine, tmp_path: Path) -> None:
    found = take_in(district, sms("Stop texting me. He has a gun."), tmp_path)
    assert found.became is Became.IN_THREAD
    assert row(district, "SELECT kind FROM conversation_flag")["kind"] == "weapon"
    assert rows(district, "SELECT 1 FROM consent_event WHERE action IN ('revoked', 'unclear')")


def test_a_wrong_number_is_not_put_into_a_childs_thread(district: Engine, tmp_path: Path) -> None:
    found = take_in(district, sms("Wrong number"), tmp_path)
    assert found.became is Became.UNPLACED
    assert row(district, "SELECT why FROM reply")["why"] == "wrong_number"
