"""`doorstep wechat-menu`, and what the demonstration has beside it: the fakes, and a ticket that climbs the ladder."""

from __future__ import annotations

import time
from typing import Any, Final

import click

from app import clock
from app.channels.exits import Exits
from app.channels.outside import Unreachable
from app.channels.wechat import WeChat
from app.db import Database
from app.people.models import Jurisdiction
from app.problems import Problem
from app.reminders import watching
from app.reminders.models import PLANNED
from app.tickets.models import Ticket
from config import Config, ConfigError

_LOOK: Final = 0.5
"""Seconds between looks at a ticket that climbs."""


def _config() -> Config:
    try:
        return Config.from_environ()
    except ConfigError as error:
        raise click.ClickException(str(error)) from error


@click.command("wechat-menu")
@click.argument("profile")
@click.argument("what", type=click.Choice(["show", "publish", "delete"]))
@click.option("--url", help="菜单“上门办”打开的网址，省略则用 PUBLIC_URL。")
def wechat_menu(profile: str, what: str, url: str | None) -> None:
    """公众号菜单：show 查看、publish 发布、delete 删除。PROFILE 为地区，如 dalad。"""
    config = _config()
    account = _account(config, profile)
    try:
        if what == "publish":
            account.set_menu(_url(config, url))
            click.echo("公众号菜单已发布，微信在 24 小时内向所有关注者更新。")
        elif what == "delete":
            account.delete_menu()
            click.echo("公众号菜单已删除。")
        else:
            _show(account.menu())
    except Unreachable as error:
        raise click.ClickException(f"微信没有接受：{error.outcome.reason}。") from error


def _account(config: Config, profile: str) -> WeChat:
    database = Database(config.database_url)
    with database.read() as session:
        if session.get(Jurisdiction, profile) is None:
            raise click.ClickException(f"地区 {profile} 尚未建立，请先执行 doorstep found。")
    try:
        account = Exits(config, database).wechat(profile)
    except Problem as problem:
        raise click.ClickException(problem.message) from problem
    if account is None:
        raise click.ClickException("微信公众号尚未启用，请管理员先在“我的 → 通知渠道”中设置并启用。")
    return account


def _url(config: Config, url: str | None) -> str:
    wanted = (url or config.public_url or "").rstrip("/")
    if not wanted.startswith(("https://", "http://")):
        raise click.ClickException("请设置 PUBLIC_URL，或用 --url 写明菜单打开的网址。")
    return wanted


def _show(buttons: list[dict[str, Any]]) -> None:
    if not buttons:
        click.echo("公众号还没有菜单。")
    for button in buttons:
        click.echo(_line(button))
        for inner in button.get("sub_button", []):
            click.echo(f"  {_line(inner)}")


def _line(button: dict[str, Any]) -> str:
    leads = button.get("url") or (f"发送“{button['key']}”" if button.get("key") else "")
    return f"{button.get('name', '')}\t{leads}".rstrip()


@click.command()
@click.option("--app", "app_url", required=True, help="本系统在本机的地址，如 http://127.0.0.1:8000。")
def fakes(app_url: str) -> None:
    """演示专用：在本机启动微信、短信等的仿真服务，并让演示数据的渠道指向它们。"""
    from app.demo.stage.process import OnlyInDemonstration, run

    try:
        run(_config(), app_url.rstrip("/"))
    except OnlyInDemonstration as error:
        raise click.ClickException("仿真服务只用于演示：请设置 DEMO=1。正式部署不需要它们。") from error


@click.command()
@click.option("--pace", type=click.IntRange(60, 7200), default=600, show_default=True, help="加快的倍数。")
@click.option("--watch/--no-watch", default=True, help="是否在这里等待并显示。")
def climb(pace: int, watch: bool) -> None:
    """演示专用：派出一张时限压缩的工单，显示提醒逐级上报，直到签收或无人可再上报。"""
    from app.demo.climb import NotSeeded, begin

    config = _config()
    if not config.demo:
        raise click.ClickException("逐级上报演示只在演示数据上进行：请设置 DEMO=1。")
    database = Database(config.database_url)
    try:
        begun = begin(database, clock.now(), pace)
    except NotSeeded as error:
        raise click.ClickException("这里没有演示数据，请先执行 doorstep demo。") from error
    click.echo(f"已派单 {begun.number}，签收时限 {begun.sign_by.astimezone():%H:%M:%S}。")
    if watch:
        _follow(database, begun.ticket_id)


def _follow(database: Database, ticket_id: str) -> None:
    """Print each step as it happens; the running product takes them."""
    said: set[str] = set()
    while True:
        with database.read() as session:
            ticket = session.get_one(Ticket, ticket_id)
            signed, steps = ticket.signed_at, watching.ladder(session, ticket_id, clock.now())
        for step in steps:
            if step["told"] and step["id"] not in said:
                said.add(step["id"])
                names = "、".join(person["name"] for person in step["told"])
                click.echo(f"{clock.parse(step['at']).astimezone():%H:%M:%S}  {names}：{step['title']}")
        if signed is not None:
            click.echo(f"{signed.astimezone():%H:%M:%S}  已签收，不再上报。")
            return
        if all(step["state"] != PLANNED for step in steps):
            return
        time.sleep(_LOOK)
