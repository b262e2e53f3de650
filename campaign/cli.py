"""The command `gbg`: loads the command that is asked for, and tells in one line why it cannot do its work."""

from __future__ import annotations

import importlib

import click

from campaign.plain_error import PlainError

# Each command with its module in `campaign.commands` and the first sentence of its help, so that the list of them, and
# each of them, waits for no module of another: those that draw or compute load large libraries.
COMMANDS = {
    "doctor": (
        "doctor",
        "Check settings, keys, database, fonts, libraries and disk; say what to do about each that fails.",
    ),
    "demo": (
        "demo",
        "Take a made-up district down the whole road, from files to messages, and serve its pages.",
    ),
    "made-up-district": (
        "demo",
        "Write the files of a made-up district: rosters of two vendors, marks, two tests, a calendar.",
    ),
    "simulate-providers": (
        "providers",
        "Simulate SendGrid and Twilio on this machine until stopped with Ctrl+C.",
    ),
    "import": (
        "intake",
        "Bring in files, folders and zip archives: OneRoster, Ed-Fi, MAP Growth, STAAR, tables with a "
        "mapping.",
    ),
    "problems": (
        "intake",
        "List what the newest import of each file refused or wants a person to look at, with what to do.",
    ),
    "health": (
        "health",
        "Show how fresh and complete the data are, what does not match, and whom messages can reach.",
    ),
    "contacts": ("contacts", "Family contacts: can they be reached, and which addresses are closed."),
    "clean-uploads": ("uploads", "Delete files sent through the import page whose time is over."),
    "identities": ("identities", "Rows of files whose student is not certain."),
    "mappings": ("mappings", "How tables of a district's own are read, as described on the staff page."),
    "edfi": ("edfi", "Read from the Ed-Fi API named in config.toml, with EDFI_KEY and EDFI_SECRET."),
    "compare": ("comparison", "Compare marks with test results for every student, and count the outcomes."),
    "explain": (
        "comparison",
        "Show why STUDENT (our id, state id or local id) has this outcome in SUBJECT (math, reading …).",
    ),
    "norms": (
        "norms",
        "Show what each grade meant last year: of all students with it, how many met grade level on the"
        " state test.",
    ),
    "cross-table": (
        "norms",
        "Show marks beside scores of any CSV FILE: students, mean score and share below the cut, by mark.",
    ),
    "calibrate": (
        "calibration",
        "Show how often “at grade level” came true on the state test that came after, by subject and grade.",
    ),
    "reports": (
        "reports",
        "Write family reports that are new or changed and draw them as PDF, the home language in front.",
    ),
    "print": (
        "print_run",
        "Put the reports of a selection into envelopes: files by school, a list of envelopes and a cover.",
    ),
    "letters": (
        "letters",
        "Print the letters of campaigns, and say what became of them: nothing else makes a letter sent.",
    ),
    "clean-reports": ("reports", "Delete drawn reports that are replaced, or whose student is gone."),
    "clean-conversations": ("conversations", "Delete words and files of conversations whose time is over."),
    "translations": (
        "translations",
        "Texts in families' languages: reviewed or not, as files, and whether drafts may go out.",
    ),
    "languages": (
        "languages",
        "Show for each school the languages that its state asks for, and which texts nobody has "
        "reviewed in them.",
    ),
    "calendar": (
        "calendar",
        "The district's year: school days, holidays, report cards, results, conferences.",
    ),
    "programmes": ("programmes", "Local programmes that reports tell families to sign up for."),
    "grading-policy": (
        "programmes",
        "Put the lines on grades of FILE (TOML) in place of a district's; reports print the line of the"
        " school.",
    ),
    "campaign": ("campaigns", "Look after campaigns: what they say, and who has approved it."),
    "plan": (
        "campaign",
        "Show who gets which message when, in which language and channel, and who gets nothing and why;"
        " send nothing.",
    ),
    "run": (
        "campaign",
        "Live through a stretch of campaign on a simulated clock, into the mailbox folder; start again "
        "to go on.",
    ),
    "pause": (
        "campaign",
        "Hold back every message of CAMPAIGN (its slug, such as go-beyond-grades) until it is resumed.",
    ),
    "resume": (
        "campaign",
        "Let CAMPAIGN go on; what has become too late in the meantime is dropped and counted.",
    ),
    "tick": ("worker", "Plan and send what is due now, once; for cron."),
    "worker": ("worker", "Work until stopped: a clock that wakes what is due, and hands for the jobs."),
    "publish": ("partners", "Publish totals for partners: small groups hidden, shares as ranges."),
    "readability": (
        "plain_language",
        "Say how hard the text of FILE (or - for what is piped in) is to read, and what would make it "
        "easier.",
    ),
    "serve": (
        "web",
        "Serve the pages of staff, families and partners, and work behind them, until stopped with Ctrl+C.",
    ),
    "account": ("accounts", "Look after the accounts of staff and partners."),
    "sign-in-link": ("accounts", "Print a link that signs EMAIL in once, within ten minutes."),
    "link": ("links", "Family links."),
}


class Commands(click.Group):
    """The group of all commands, each of which is loaded when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found = vars(importlib.import_module(f"campaign.commands.{COMMANDS[cmd_name][0]}"))
        name = cmd_name.replace("-", "_")
        command: click.Command = found.get(f"{name}_command") or found[f"{name}_group"]
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="go-beyond-grades")
def gbg() -> None:
    """Go Beyond Grades: compare report-card grades with assessments and tell each family the whole story."""


def main() -> None:
    try:
        gbg(standalone_mode=True)
    except PlainError as error:
        click.echo(f"gbg: {error}", err=True)
        raise SystemExit(1) from None
