"""One thread: what the family wrote and its translation, the child beside it, and what staff do with it."""

from __future__ import annotations

from typing import Any

from flask import abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from campaign import database
from campaign.access import ENGINE, Role
from campaign.correspondence import conversation_steps as doing
from campaign.correspondence import conversation_translation as translating
from campaign.correspondence import conversations as clocks
from campaign.correspondence.conversation_answers import Answer, answer
from campaign.correspondence.conversation_routing import WITHOUT_RESULTS, StaffRole
from campaign.correspondence.conversation_steps import Doer, Told
from campaign.correspondence.conversation_translation import STAFF_LANGUAGE, Task, Translated
from campaign.store import audit, conversation_answers, conversation_translations, conversations, students
from campaign.store import conversation_threads as store
from campaign.store.conversations import Thread
from campaign.translators.choice import translator_for
from campaign.translators.contract import NotTranslated, TranslatorBusy, TranslatorFailed
from campaign.web.guard import allow
from campaign.web.parts import as_principal, parts
from campaign.web.staff import conversation_words, family_words
from campaign.web.staff.blueprint import SCHOOLS_OWN, blueprint
from campaign.web.staff.conversations import left, people
from campaign.wordings.plain_language import look, pieces
from content.languages import languages, of_tag


@blueprint.get("/conversations/<int:conversation_id>")
@allow(*SCHOOLS_OWN)
def conversation(conversation_id: int) -> ResponseReturnValue:
    return _page(conversation_id)


@blueprint.post("/conversations/<int:conversation_id>")
@allow(*SCHOOLS_OWN)
def act_on_conversation(conversation_id: int) -> ResponseReturnValue:
    """The form says `do`: look, send, hand_over, close, reopen, take_back, clear, translate or correct."""
    do = request.form.get("do", "")
    if do == "look":
        return _page(conversation_id, _draft(conversation_id))
    if do == "translate":
        return _translate(conversation_id)
    with as_principal() as connection:
        thread = _thread(connection, conversation_id)
        # In the same transaction, so that the scope still holds; threads and the audit are the engine's to write.
        database.assume(connection, ENGINE)
        thread = conversations.one(connection, conversation_id, lock=True) or abort(404)
        told = _step(connection, thread, do)
    return _back(conversation_id, told)


def _step(connection: Connection, thread: Thread, do: str) -> Told:
    form, now = request.form, parts().clock()
    if form.get("seen", 0, type=int) != _newest(connection, thread):
        return Told.CHANGED
    who, note = doer(), clean(form.get("note", ""))
    if do == "send":
        return answer(connection, thread, who, _answer(form), now)
    if do == "hand_over":
        role = form.get("role", "")
        to = (role if role in set(StaffRole) else StaffRole.FRONT_OFFICE, _colleague(connection, thread))
        return doing.hand_over(connection, thread, who, to, note, now=now)
    if do == "close":
        return doing.close(connection, thread, who, note, now)
    if do == "reopen":
        settings = parts().settings
        due_at = clocks.due(clocks.hours(connection, thread, settings), now, settings)
        return doing.reopen(connection, thread, who, due_at, now=now)
    if do == "take_back":
        return doing.take_back(connection, thread, who, now)
    if do == "clear":
        return doing.clear_flag(connection, thread, who, form.get("flag", 0, type=int), note, now=now)
    if do == "correct":
        return _correct(connection, thread, who)
    return Told.CHANGED


def _answer(form: Any) -> Answer:
    """As it was looked at; a translation that is no longer the machine's own is the person's."""
    written, machine = clean(form.get("translation", "")), clean(form.get("machine", ""))
    language = form.get("language", "")
    return Answer(
        text=clean(form.get("answer", "")),
        language=language if language in languages() else STAFF_LANGUAGE,
        translation=written,
        for_language=form.get("for_language", "") if form.get("for_language") in languages() else "",
        by=form.get("by") if written and written == machine else None,
        warnings=tuple(zip(form.getlist("doubt"), form.getlist("doubt_words"), strict=False)),
        confirmed=form.get("confirmed") == "1",
    )


def _draft(conversation_id: int) -> dict[str, Any]:
    """An answer as it would go: how easy it reads, and what the family would read. Nothing of it is kept."""
    text = clean(request.form.get("answer", ""))
    language = request.form.get("language", "")
    language = language if language in languages() else STAFF_LANGUAGE
    with as_principal() as connection:
        thread = _thread(connection, conversation_id)
        wanted = reads(connection, thread)
        task = Task(
            text,
            language,
            wanted,
            conversation_translations.names(connection, thread.student_id, thread.contact_id),
            conversation_translations.memory(connection, thread.district_id, language, wanted),
        )
    found = look(text, language) if text else None
    translated, trouble = _translated(task) if text and language != wanted else (None, "")
    return {
        "text": text,
        "language": language,
        "for_language": wanted,
        "look": found,
        "pieces": pieces(text, found.findings) if found else [],
        "translated": translated,
        "trouble": trouble,
    }


def _translated(task: Task) -> tuple[Translated | None, str]:
    try:
        return translating.translate(task, translator_for(parts().settings), parts().catalog), ""
    except (NotTranslated, TranslatorBusy, TranslatorFailed) as failure:
        return None, str(failure)


def _translate(conversation_id: int) -> ResponseReturnValue:
    with as_principal() as connection:
        _thread(connection, conversation_id)
    done = translating.translate_waiting(
        parts().engine,
        translator_for(parts().settings),
        parts().catalog,
        parts().clock(),
        only=conversation_id,
    )
    return _page(conversation_id, trouble=done.trouble)


def _correct(connection: Connection, thread: Thread, who: Doer) -> Told:
    """A person's own translation of what the family wrote; it is kept beside the machine's and remembered."""
    message_id, text = request.form.get("message", 0, type=int), clean(request.form.get("translation", ""))
    said = next((one for one in store.entries(connection, thread.id) if one.message_id == message_id), None)
    if said is None or not said.language or said.direction != "in":
        return Told.CHANGED
    if not text:
        return Told.EMPTY
    if len(text) > 4 * doing.LONGEST_ANSWER:
        return Told.TOO_LONG
    values = {
        "source_language": said.language,
        "language": STAFF_LANGUAGE,
        "source": said.text,
        "text": text,
        "account_id": who.account_id,
        "said_by": who.name,
        "at": parts().clock(),
    }
    conversation_translations.add(connection, message_id, values)
    doing.record(connection, thread, who.actor, "conversation_translation_corrected", parts().clock())
    return Told.CORRECTED


def _page(conversation_id: int, draft: dict[str, Any] | None = None, trouble: str = "") -> str:
    with as_principal() as connection:
        thread = _thread(connection, conversation_id)
        about = store.about(connection, conversation_id) or abort(404)
        steps = store.steps(connection, conversation_id)
        protocol = store.protocol(connection, thread.district_id)
        shown = _without_results(thread)
        facts = [] if shown else students.comparisons(connection, thread.student_id)
        entries = store.entries(connection, conversation_id)
        values = {
            "entries": entries,
            "flags": store.flags(connection, conversation_id),
            "files": conversation_answers.waiting_files(connection, thread),
            "sent": [
                one
                for one in students.messages(connection, thread.student_id)
                if one.contact_id == thread.contact_id
            ][:5],
            "wanted": reads(connection, thread),
            "left": left(connection, thread, _zone(connection, thread)),
            "newest": steps[-1]["id"] if steps else 0,
        }
    colleagues = _look(thread, about.school_id)
    return render_template(
        "staff/conversation.html",
        texts=conversation_words,
        family_texts=family_words,
        thread=thread,
        about=about,
        steps=steps,
        facts=facts,
        hides_results=shown,
        protocol=protocol["text"] if protocol else conversation_words.PROTOCOL,
        told_first=people(protocol["account_ids"]).values() if protocol else [],
        turn_of=people([thread.account_id]).get(thread.account_id) if thread.account_id else None,
        colleagues=colleagues,
        languages=languages(),
        longest=doing.LONGEST_ANSWER,
        draft=draft,
        trouble=trouble,
        told=_told(),
        has_scanner=bool(parts().settings.conversations.scan_command),
        **values,
    )


def _look(thread: Thread, school_id: int | None) -> list[tuple[int, str, str]]:
    """Reading leaves a trace, and this account has now seen all of it; the colleagues it can be handed to."""
    entry = audit.Entry(
        at=parts().clock(),
        actor=g.principal.actor,
        action="looked_at_conversation",
        target=f"student:{thread.student_id}",
        district_id=thread.district_id,
        detail={"conversation": thread.id},
    )
    with database.transaction(parts().engine, ENGINE) as connection:
        audit.write(connection, entry)
        conversations.look(connection, thread.id, g.account.account_id)
        return store.colleagues(connection, thread.district_id, school_id)


def _without_results(thread: Thread) -> bool:
    """Whoever answers about a bus or a medicine need not see how a child does at school; its teacher knows."""
    return thread.role in WITHOUT_RESULTS and g.principal.role != Role.TEACHER


def reads(connection: Connection, thread: Thread) -> str:
    """The language in which the family is answered: the one it writes in, else the one the school's system names."""
    about = store.about(connection, thread.id)
    known = thread.language or (of_tag(about.written_language) if about and about.written_language else "")
    return known if known in languages() else STAFF_LANGUAGE


def _zone(connection: Connection, thread: Thread) -> str:
    zone = parts().settings.installation.time_zone
    return conversations.place(connection, thread.student_id, thread.contact_id, zone).zone


def _newest(connection: Connection, thread: Thread) -> int:
    steps = store.steps(connection, thread.id)
    return int(steps[-1]["id"]) if steps else 0


def _colleague(connection: Connection, thread: Thread) -> int | None:
    """The account chosen in the form, if it is one that sees this student's school."""
    chosen = request.form.get("account", type=int)
    about = store.about(connection, thread.id)
    known = store.colleagues(connection, thread.district_id, about.school_id if about else None)
    return chosen if chosen in {number for number, _, _ in known} else None


def _thread(connection: Connection, conversation_id: int) -> Thread:
    found = conversations.one(connection, conversation_id) if conversation_id < 2**63 else None
    return found or abort(404)


def doer() -> Doer:
    return Doer(g.account.account_id, g.account.name, g.principal.actor)


def clean(text: str) -> str:
    """Browsers end lines with two signs, and the database takes no zero."""
    return text.replace("\r\n", "\n").replace("\0", "").strip()


def _told() -> tuple[str, str] | None:
    told = request.args.get("told", "")
    return conversation_words.TOLD[Told(told)] if told in set(Told) else None


def _back(conversation_id: int, told: Told) -> ResponseReturnValue:
    return redirect(url_for("staff.conversation", conversation_id=conversation_id, told=told), code=303)
