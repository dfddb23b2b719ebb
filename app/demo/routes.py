"""The accounts of the demonstration, for the sign-in page; served only where the demonstration runs."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields

from app.demo.people import ACCOUNTS
from app.http import config
from app.problems import Problem
from app.wire import Wire

blueprint = Blueprint("demo", __name__, url_prefix="/api/v1/demo", description="演示")


class DemoAccount(Wire):
    """One fictional account; the password is the same for all and public."""

    place = fields.String(required=True)
    role = fields.String(required=True)
    name = fields.String(required=True)
    phone = fields.String(required=True)
    password = fields.String(required=True)


class DemoAccounts(Wire):
    """Every account a visitor may try, jurisdiction by jurisdiction."""

    accounts = fields.List(fields.Nested(DemoAccount), required=True)


@blueprint.get("/accounts")
@blueprint.response(200, DemoAccounts)
def accounts() -> dict[str, Any]:
    """Return the demonstration's accounts; needs no sign-in. Raises `Problem` `not_found` outside the demonstration."""
    if not config().demo:
        raise Problem("not_found")
    return {"accounts": ACCOUNTS}
