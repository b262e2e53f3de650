"""Syllables, sentences and the two measures, against words and texts counted by hand."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.readability import english_syllables, measure, sentences, spanish_syllables, words

ENGLISH = """
water:2 table:2 little:2 apple:2 made:1 make:1 time:1 grade:1 like:1 used:1 needed:2 asked:1 helped:1 wanted:2
looked:1 started:2 teacher:2 student:2 school:1 reading:2 science:2 people:2 family:3 because:2 area:3 idea:3 does:1
goes:1 goals:1 places:2 changes:2 wishes:2 boxes:2 tries:1 tried:1 skills:1 level:2 practice:2 language:2 education:4
question:2 questions:2 nation:2 special:2 official:3 being:2 doing:2 going:2 quiet:2 create:2 violin:3 radio:3 piano:3
period:3 usual:3 rhythm:2 safely:2 lonely:2 hopeful:2 movement:2 statement:2 sometimes:2 different:3 every:2
interesting:4 important:3 conference:3 interpreter:4 assessment:3 fractions:2 equations:3 graphs:1 algebra:3 homework:2
classwork:2 effort:2 told:1 child:1 children:2 work:1 right:1 score:1 scores:1 named:1 called:1 believe:2 one:1 are:1
were:1 more:1 you:1 we:1 free:1 agree:2 tree:1 blue:1 true:1 value:2 continue:3 league:1 queue:1 business:2 beautiful:3
phone:1 message:2 messages:3 office:2 report:2 number:2 version:2 January:4 February:4 October:3 minutes:2 understand:3
remember:3 together:3 anything:3 whole:1 easy:2 ready:2 busy:2 study:2 studies:2 tired:1 fire:1 hour:1 flower:2
"""
SPANISH = """
casa:2 escuela:3 maestro:3 maestra:3 día:2 días:2 país:2 ciudad:2 lengua:2 bueno:2 leer:2 lee:2 ahí:2 hacia:2 hacía:3
guerra:2 guitarra:3 pingüino:3 queso:2 quien:1 qué:1 agua:2 aéreo:4 oeste:3 Uruguay:3 estudiáis:3 ahora:3 búho:2
prohíbe:3 prohibir:2 ahijado:3 hoy:1 muy:1 ley:1 reyes:2 y:1 yo:1 mayo:2 ayuda:3 leído:3 oír:2 oído:3 raíz:2 baúl:2
tiene:2 tienen:2 matemáticas:5 lectura:3 examen:3 nivel:2 grado:2 todavía:4 cuál:1 cuánto:2 pregunte:3 idioma:3
intérprete:4 escríbanos:4 informe:3 familia:3 niño:2 año:2 años:2 español:3 inglés:2 adiós:2 también:2 después:2
página:3 tareas:3 tarea:3 área:3 línea:3 creer:2 cooperar:4 caos:2 poeta:3 teatro:3 héroe:3 feo:2 ciencia:2 sociales:3
historia:3 aire:2 causa:2 deuda:2 reina:2 cuidado:3 viuda:2 triunfo:2 huevo:2 hueso:2 cacahuate:4 averigüe:4 tía:2
frío:2 río:2 vio:1 dio:1 fue:1 fui:1 rey:1 buey:1 limpiáis:2 miau:1 semiautomático:6
"""


def cases(listed: str) -> list[tuple[str, int]]:
    return [(word, int(count)) for word, count in (pair.split(":") for pair in listed.split())]


@pytest.mark.parametrize(("word", "count"), cases(ENGLISH))
def test_english_syllables(word: str, count: int) -> None:
    assert english_syllables(word) == count


@pytest.mark.parametrize(("word", "count"), cases(SPANISH))
def test_spanish_syllables(word: str, count: int) -> None:
    assert spanish_syllables(word) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Ana has a B. Ask the teacher.", 2),
        ("Come at 5 p.m. on Monday. Mr. Lee is there.", 2),
        ("The score was 3.5 points. See www.example.org/a.b now.", 2),
        ("- Ask\n- Call\n- Write", 3),
        ("¿Cómo va Ana? Bien.", 2),
        ("Grado 1.º de la escuela.", 1),
        ("هل هذا سؤال؟ نعم.", 2),
        ("She said “Stop.” Then she left.", 2),
        ("", 0),
    ],
)
def test_what_ends_a_sentence(text: str, count: int) -> None:
    assert len(sentences(text)) == count


def test_hyphenated_and_shortened_words_are_one() -> None:
    assert words("Ana’s grade-level line, don't you?") == ["Ana’s", "grade-level", "line", "don't", "you"]


def test_flesch_kincaid_by_hand() -> None:
    found = measure("The cat sat on the mat. It was red.", "en")
    assert found is not None
    assert (found.words, found.sentences, found.syllables) == (9, 2, 9)
    assert found.score == pytest.approx(0.39 * 4.5 + 11.8 - 15.59)
    assert found.easy_enough


def test_fernandez_huerta_by_hand() -> None:
    found = measure("La casa es roja. Ana lee.", "es")
    assert found is not None
    assert (found.words, found.sentences, found.syllables) == (6, 2, 10)
    assert found.score == pytest.approx(206.84 - 60 * 10 / 6 - 1.02 * 3)


def test_hard_texts_are_not_easy_enough() -> None:
    english = measure(
        "Standardized assessment administration necessitates considerable organizational preparation.", "en"
    )
    spanish = measure(
        "La administración estandarizada de evaluaciones requiere considerable preparación.", "es"
    )
    assert english is not None
    assert not english.easy_enough
    assert spanish is not None
    assert not spanish.easy_enough


def test_languages_without_a_defensible_measure_say_so() -> None:
    assert measure("Quý vị cần thông dịch viên?", "vi") is None
    assert measure("…", "en") is None


@given(st.text(max_size=200), st.sampled_from(["en", "es"]))
def test_any_text_can_be_measured(text: str, language: str) -> None:
    found = measure(text, language)
    assert found is None or (found.syllables >= found.words >= found.sentences > 0)


def test_languages_do_not_mix_between_threads() -> None:
    text = "La casa de Ana es grande. Todavía no hay tareas."
    alone = measure(text, "es")
    found: list[object] = []

    def many(language: str) -> None:
        found.extend(measure(text, language) for _ in range(200) if language == "es")

    threads = [threading.Thread(target=many, args=(language,)) for language in ("es", "en") * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [alone] * 800
