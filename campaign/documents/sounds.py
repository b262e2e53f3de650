"""Reports read aloud: each sound made when somebody first listens, kept once, and gone with its report.

Sounds lie among the drawn reports (see `drawn`) and are swept away with them: closed to other accounts, under a name of
report number, version, language and a hash of what is said and who says it.
"""

from __future__ import annotations

import threading
from hashlib import blake2b
from pathlib import Path

from campaign.documents import drawn
from campaign.voices.contract import Voice, VoiceFailed
from reports.family.report import FamilyReport
from reports.family.speech import SpeechScript, speech

MEDIA_TYPES = {".mp3": "audio/mpeg", ".ogg": "audio/ogg"}
# A voice takes a core for a second or two; a class that listens at once must not take all of them from the pages.
_SECONDS_TO_WAIT = 20.0
_ONE_AT_A_TIME = threading.Lock()


def sound_file(home: Path, voice: Voice, report: FamilyReport) -> Path:
    """The kept sound of a report, made now if it is not there. Raises NotSpoken or VoiceFailed."""
    script = speech(report)
    stem = _stem(voice, report, script)
    if (kept := _kept(home, stem)) is not None:
        return kept
    if not _ONE_AT_A_TIME.acquire(timeout=_SECONDS_TO_WAIT):
        raise VoiceFailed("others are listening; no turn came")
    try:
        return _kept(home, stem) or _made(home, voice, script, stem)
    finally:
        _ONE_AT_A_TIME.release()


def _made(home: Path, voice: Voice, script: SpeechScript, stem: str) -> Path:
    sound = voice.read_aloud(script)
    place = drawn.place(home, stem + sound.ending)
    drawn.keep(place, sound.content)
    return place


def _kept(home: Path, stem: str) -> Path | None:
    places = (drawn.place(home, stem + ending) for ending in MEDIA_TYPES)
    return next((place for place in places if place.exists()), None)


def _stem(voice: Voice, report: FamilyReport, script: SpeechScript) -> str:
    digest = blake2b(f"{voice.id}\0{script.ssml()}".encode(), digest_size=12).hexdigest()
    return f"{report.number}-{report.version}-{report.language}-{digest}"
