"""A person's own channels: what is bound, binding more, trying them, and WeChat's signature for pages."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit

from flask import Response, request
from flask_smorest import Blueprint

from app import clock
from app.channels import bindings, queries, schemas, trying
from app.channels.exits import Exits
from app.channels.outside import Unreachable
from app.channels.wechat import WeChat
from app.channels.wechat_crypto import page_signature
from app.channels.wecom import WeCom
from app.http import actor, app_url, config, database, json_response, signed_in
from app.limits import limiter
from app.problems import Problem
from app.reach.kinds import LABELS, MAIL, WECHAT, WECOM
from app.reach.queries import ways_of

blueprint = Blueprint("own_channels", __name__, url_prefix="/api/v1/channels", description="我的通知渠道")


def _exits() -> Exits:
    return Exits(config(), database())


def account_of(exits: Exits, place: str, channel: str) -> WeChat | WeCom:
    """Return the account that people of a place are bound to. Raises `Problem` `channel_off`."""
    account = exits.wechat(place) if channel == WECHAT else exits.wecom(place) if channel == WECOM else None
    if account is None:
        raise Problem("channel_off", label=LABELS.get(channel, channel))
    return account


@blueprint.get("/mine")
@signed_in
@blueprint.response(200, schemas.OwnChannels)
def mine() -> Response:
    """List the place's channels with one's own contact points and wishes."""
    with database().read() as session:
        return json_response(queries.own_wire(session, actor()))


@blueprint.post("/mine/test")
@signed_in
@limiter.limit("6 per minute")
@blueprint.arguments(schemas.ChannelName)
@blueprint.response(200, schemas.ChannelTried)
def test(args: dict[str, Any]) -> Response:
    """Send oneself a test and say what the service answered. 409 channel_off, channel_no_contact."""
    exits, channel, place = _exits(), args["channel"], actor().jurisdiction_id
    with database().read() as session:
        if channel not in ways_of(session, place).channels:
            raise Problem("channel_off", label=LABELS[channel])
        to = trying.targets(session, exits, actor(), channel)
    return json_response(asdict(trying.try_out(exits, place, channel, to, app_url())))


@blueprint.post("/bindings")
@signed_in
@limiter.limit("12 per minute")
@blueprint.arguments(schemas.ChannelName)
@blueprint.response(201, schemas.BindUrl)
def bind(args: dict[str, Any]) -> Response:
    """Return where to go to bind one's WeChat or WeCom account; good once, for ten minutes. 409 channel_off."""
    channel = args["channel"]
    account = account_of(_exits(), actor().jurisdiction_id, channel)
    with database().unit_of_work() as session:
        state = bindings.begin(session, actor(), channel, clock.now())
    return json_response({"url": account.authorize_url(f"{app_url()}/oauth/{channel}", state)}, 201)


@blueprint.post("/mail")
@signed_in
@limiter.limit("4 per minute")
@blueprint.arguments(schemas.MailAddress)
@blueprint.response(202)
def mail(args: dict[str, Any]) -> Response:
    """Mail a code to a mailbox that is to be bound. 409 channel_off, 502 channel_unreachable."""
    place = actor().jurisdiction_id
    with database().unit_of_work() as session:
        if MAIL not in ways_of(session, place).channels:
            raise Problem("channel_off", label=LABELS[MAIL])
        code = bindings.mail_code(session, actor(), args["address"], clock.now())
    trying.send_code(_exits(), place, args["address"], code)
    return json_response({}, 202)


@blueprint.post("/mail/confirm")
@signed_in
@limiter.limit("6 per minute")
@blueprint.arguments(schemas.MailCode)
@blueprint.response(204)
def confirm_mail(args: dict[str, Any]) -> None:
    """Bind the mailbox to which the code was sent. 422 mail_code_wrong."""
    with database().unit_of_work() as session:
        bindings.confirm_mail(session, actor(), args["code"], clock.now())


@blueprint.post("/wechat/signature")
@signed_in
@limiter.limit("60 per minute")
@blueprint.arguments(schemas.WechatPage)
@blueprint.response(200, schemas.PageSignature)
def signature(args: dict[str, Any]) -> Response:
    """Sign one of our own pages for the JS-SDK: the entry page on iOS, the present one on Android.

    A page elsewhere is not signed (422): the signature lets it act as the account. 502 channel_unreachable.
    """
    ours = {urlsplit(app_url()).netloc, request.host}
    if urlsplit(args["url"]).netloc not in ours:
        raise Problem("request_invalid", errors={"url": ["不是本系统的页面。"]})
    account = _exits().wechat(actor().jurisdiction_id)
    if account is None:
        raise Problem("channel_off", label=LABELS[WECHAT])
    try:
        ticket = account.ticket()
    except Unreachable as error:
        raise Problem("channel_unreachable", label=LABELS[WECHAT], why=error.outcome.reason) from error
    nonce, seconds = secrets.token_hex(8), clock.to_epoch_ms(clock.now()) // 1000
    signed = page_signature(ticket, nonce, seconds, args["url"])
    body = {"app_id": account.options["app_id"], "timestamp": seconds, "nonce": nonce, "signature": signed}
    return json_response(body)
