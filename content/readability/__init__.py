"""How hard a text is to read, offline and without any state that threads could share.

`measure` counts and scores; `examine` also says which words and sentences make the text hard, and what would help.
"""

from content.readability.english import english_syllables
from content.readability.hard import Mark, Reading, examine
from content.readability.measures import LEAST_WORDS, Measure, Score, measure
from content.readability.spanish import spanish_syllables
from content.readability.splitting import sentences, words

__all__ = [
    "LEAST_WORDS",
    "Mark",
    "Measure",
    "Reading",
    "Score",
    "english_syllables",
    "examine",
    "measure",
    "sentences",
    "spanish_syllables",
    "words",
]
