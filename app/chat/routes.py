"""Where WeChat's servers call: signed, encrypted, answered within their five seconds."""

from __future__ import annotations

from flask import Blueprint, Response, request

from app import clock
from app.channels.exits import Exits
from app.channels.wechat_crypto import Envelope, Forged, text_answer
from app.chat.conversation import Ear, hear
from app.http import app_url, beacon_key, config, database
from app.limits import limiter
from app.problems import Problem
from app.reach.kinds import WECHAT

blueprint = Blueprint("chat", __name__, url_prefix="/api/v1/wechat")


def _envelope(place: str) -> Envelope:
    """Return what opens messages to the place's account. Raises `Problem` `callback_refused` when it has none."""
    account = Exits(config(), database()).account(place, WECHAT)
    if account is None or not account.enabled or not account.secrets.get("token"):
        raise Problem("callback_refused")
    return Envelope(account.secrets["token"], account.secrets.get("aes_key", ""), account.options["app_id"])


@blueprint.get("/<place>/callback")
@limiter.limit("60 per minute")
def greet(place: str) -> Response:
    """Prove to WeChat that this address is the account's server."""
    seconds = clock.to_epoch_ms(clock.now()) // 1000
    try:
        return Response(_envelope(place).greets(request.args, seconds), mimetype="text/plain")
    except Forged as error:
        raise Problem("callback_refused") from error


@blueprint.post("/<place>/callback")
@limiter.limit("1200 per minute")
def heard(place: str) -> Response:
    """Answer a message. An empty answer tells WeChat that nothing is to be said, and not to ask again."""
    now = clock.now()
    seconds = clock.to_epoch_ms(now) // 1000
    envelope = _envelope(place)
    try:
        message = envelope.open(request.args, request.get_data(), seconds)
        answer = hear(Ear(database(), place, beacon_key(), app_url()), message, now)
        if answer is None:
            return Response("success", mimetype="text/plain")
        xml = text_answer(message.get("FromUserName", ""), message.get("ToUserName", ""), seconds, answer)
        return Response(envelope.close(xml, seconds), mimetype="application/xml")
    except Forged as error:
        raise Problem("callback_refused") from error
