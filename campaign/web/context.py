"""What every template may use besides its own values."""

from __future__ import annotations

from flask import Flask, g

from campaign.settings import Settings


def provide(app: Flask, settings: Settings) -> None:
    @app.context_processor
    def common() -> dict[str, object]:
        return {
            "installation_name": settings.installation.name,
            "account": g.get("account"),
            "nonce": g.get("nonce", ""),
        }
