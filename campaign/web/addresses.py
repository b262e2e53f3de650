"""Where a request comes from, as a key under which tries are counted."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress

from flask import request

from campaign.web.parts import parts


def address_key(room: str) -> str:
    """A keyed hash of the address; of IPv6 its network, for a home has millions of addresses."""
    address = request.remote_addr or "unknown"
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        parsed = None
    if isinstance(parsed, ipaddress.IPv6Address):
        address = str(ipaddress.ip_network((parsed, 64), strict=False))
    key = parts().settings.secrets.secret_key.encode()
    return f"{room}:address:{hmac.new(key, address.encode(), hashlib.sha256).hexdigest()}"
