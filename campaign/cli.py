"""The command `gbg`: collects the commands of `campaign.commands`, and tells in one line why one cannot do its work."""

from __future__ import annotations

import click

from campaign.commands import (
    accounts,
    calendar,
    calibration,
    campaign,
    campaigns,
    comparison,
    contacts,
    conversations,
    demo,
    doctor,
    edfi,
    health,
    identities,
    intake,
    languages,
    letters,
    links,
    mappings,
    norms,
    partners,
    plain_language,
    print_run,
    programmes,
    providers,
    reconcile,
    reports,
    translations,
    uploads,
    web,
    worker,
)
from campaign.commands.errors import TOLD

COMMANDS = (
    doctor.doctor_command,
    demo.demo_command,
    demo.made_up_district_command,
    providers.simulate_providers_command,
    intake.import_command,
    intake.problems_command,
    health.health_command,
    contacts.contacts_group,
    uploads.clean_uploads_command,
    identities.identities_group,
    mappings.mappings_group,
    edfi.edfi_group,
    comparison.compare_command,
    comparison.explain_command,
    norms.norms_command,
    norms.cross_table_command,
    calibration.calibrate_command,
    reports.reports_command,
    print_run.print_command,
    letters.letters_group,
    reports.clean_reports_command,
    conversations.clean_conversations_command,
    translations.translations_group,
    languages.languages_command,
    calendar.calendar_group,
    programmes.programmes_group,
    programmes.grading_policy_command,
    campaigns.campaign_group,
    campaign.plan_command,
    campaign.run_command,
    campaign.pause_command,
    campaign.resume_command,
    worker.tick_command,
    worker.worker_command,
    partners.publish_command,
    plain_language.readability_command,
    web.serve_command,
    accounts.account_group,
    accounts.sign_in_link_command,
    links.link_group,
)

campaigns.campaign_group.add_command(reconcile.reconcile_command)


@click.group(commands=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="go-beyond-grades")
def gbg() -> None:
    """Go Beyond Grades: compare report-card grades with assessments and tell each family the whole story."""


def main() -> None:
    try:
        gbg(standalone_mode=True)
    except TOLD as error:
        click.echo(f"gbg: {error}", err=True)
        raise SystemExit(1) from None
