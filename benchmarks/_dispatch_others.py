"""What delivery is measured against: three ways in which others send the same e-mails to the same provider.

Each gets its e-mails ready before the clock starts: subject, text and HTML are written already, and nobody is looked at
again before sending. Ours does both while the clock runs.
"""

from __future__ import annotations

import http.client
import json
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url

from benchmarks import _dispatch_district as district
from benchmarks._dispatch_worker import Place
from content import catalog

Begin = Callable[[], None]
_THREADS = 16
_LOCAL = threading.local()


def written(number: int) -> tuple[str, str, str]:
    """Subject, text and HTML of one family's e-mail."""
    template = catalog.load().message(district.STEP, "email", "en")
    base = "https://gbg.example.org"
    made = template.render(
        {
            "child": f"Child{number}",
            "school": f"School {number % 20}",
            "reports": f"Child{number}: {base}/r/{number:043}",
            "stop_link": f"{base}/stop/{number:043}",
            "postal_address": "1 Main Street, Anytown",
        }
    )
    return made.subject, made.text, made.html


def _recipient(number: int) -> str:
    return f"adult{number}@example.org"


_TUNED = {"BATCH_SIZE": 5000, "THREADS_PER_PROCESS": 8, "LOG_LEVEL": 0}


def post_office(place: Place, numbers: Sequence[int], begin: Begin, backend: str = "SendGridBackend") -> None:
    """django-post-office 3.12 with its own table in the same PostgreSQL: 2 processes of 8 threads."""
    _queue_of_post_office(place, numbers, {**_backend(backend), **_TUNED})
    from django.db import connection
    from post_office import mail
    from post_office.models import Email

    begin()
    while Email.objects.filter(status__in=[2, 3]).exists():
        mail.send_queued(processes=2, log_level=0)
        # Its processes are forks, which end the connection that they inherit.
        connection.close()


def post_office_kept_open(place: Place, numbers: Sequence[int], begin: Begin) -> None:
    """The same with a mail backend that it does not come with."""
    post_office(place, numbers, begin, "KeptOpenBackend")


def post_office_as_documented(place: Place, numbers: Sequence[int], begin: Begin) -> None:
    """The same as its documentation has it in cron: one process, and of all settings its own."""
    _queue_of_post_office(place, numbers, _backend("SendGridBackend"))
    from django.core.management import call_command

    begin()
    call_command("send_queued_mail", processes=1, lockfile=str(place.home / "post_office"))


def _backend(name: str) -> dict[str, Any]:
    return {"BACKENDS": {"default": f"benchmarks._dispatch_backend.{name}"}}


def _queue_of_post_office(place: Place, numbers: Sequence[int], options: Mapping[str, Any]) -> None:
    """Set Django up with these options of django-post-office, and put the e-mails of all numbers into its table."""
    import django
    from django.conf import settings

    settings.configure(
        DATABASES={"default": _django_database(place.database_url)},
        INSTALLED_APPS=["django.contrib.contenttypes", "post_office"],
        LOGGING_CONFIG=None,
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        POST_OFFICE=dict(options),
        EMAIL_HOST=f"127.0.0.1:{place.port}",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        SECRET_KEY="k" * 50,
    )
    logging.disable(logging.CRITICAL)
    django.setup()
    from django.core.management import call_command
    from post_office import mail

    call_command("migrate", verbosity=0)
    made = []
    for number in numbers:
        subject, plain, page = written(number)
        one = {"subject": subject, "message": plain, "html_message": page, "recipients": [_recipient(number)]}
        made.append({**one, "sender": district.IDENTITY.address})
    mail.send_many(made)


def _django_database(url: str) -> dict[str, Any]:
    parts = make_url(url)
    host = parts.host or str(parts.query.get("host", ""))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.database,
        "USER": parts.username or "",
        "HOST": host,
        "OPTIONS": {"options": "-c search_path=post_office"},
    }


def plain_loop(place: Place, numbers: Sequence[int], begin: Begin) -> None:
    """The `sendgrid` package in 16 threads, as its README has it; it keeps no record of what went."""
    from sendgrid import SendGridAPIClient
    from sendgrid.helpers.mail import Content, Mail

    ready = [(number, *written(number)) for number in numbers]

    def send(item: tuple[int, str, str, str]) -> None:
        number, subject, plain, page = item
        mail = Mail(district.IDENTITY.address, _recipient(number), subject)
        mail.content = [Content("text/plain", plain), Content("text/html", page)]
        SendGridAPIClient(district.KEY, host=place.simulator.url).send(mail)

    begin()
    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(send, ready))


def procrastinate_alone(place: Place, numbers: Sequence[int], begin: Begin) -> None:
    """Procrastinate 3.10, a job a message, 16 at a time; no numbers: go on with the jobs that are there."""
    from procrastinate import App, PsycopgConnector, SyncPsycopgConnector

    url = make_url(place.database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    options = {"conninfo": url, "kwargs": {"options": "-c search_path=procrastinate_alone"}}
    app = App(connector=PsycopgConnector(**options))
    texts = {number: written(number) for number in numbers} if numbers else {}

    @app.task(name="send")
    def send(number: int) -> None:
        subject, plain, page = texts.get(number) or written(number)
        post(urlsplit(place.simulator.url).netloc, document(_recipient(number), subject, plain, page))

    with App(connector=SyncPsycopgConnector(**options)).open() as door:
        if numbers:
            door.configure_task("send").batch_defer(*({"number": number} for number in numbers))
    begin()
    app.run_worker(concurrency=_THREADS, wait=False, install_signal_handlers=False, listen_notify=False)


def make_queue(connection: Connection) -> None:
    """The tables of Procrastinate, in a schema of their own."""
    from procrastinate import App, PsycopgConnector

    connection.execute(text("SET LOCAL search_path = procrastinate_alone"))
    cursor = connection.connection.cursor()
    cursor.execute(App(connector=PsycopgConnector()).schema_manager.get_schema())


def document(to: str, subject: str, plain: str, page: str) -> bytes:
    """A mail send as SendGrid wants it."""
    content = [{"type": "text/plain", "value": plain}, {"type": "text/html", "value": page}]
    people = [{"to": [{"email": to}], "custom_args": {"public_id": to}}]
    sender = {"email": district.IDENTITY.address}
    mail = {"from": sender, "subject": subject, "content": content, "personalizations": people}
    return json.dumps(mail).encode()


def post(place: str, body: bytes) -> None:
    """Send it over this thread's own open connection, the quickest that the standard library has."""
    connection = getattr(_LOCAL, "connection", None)
    if connection is None:
        connection = _LOCAL.connection = http.client.HTTPConnection(place, timeout=30)
    headers = {"Authorization": f"Bearer {district.KEY}", "Content-Type": "application/json"}
    connection.request("POST", "/v3/mail/send", body, headers)
    answer = connection.getresponse()
    answer.read()
    if answer.status != 202:
        raise OSError(f"the provider answered {answer.status}")
