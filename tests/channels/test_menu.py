"""`doorstep wechat-menu`: shown, published, taken away, and what is said when WeChat does not want to."""

from __future__ import annotations

import pytest
from channels.conftest import Office
from click.testing import CliRunner, Result

from app.cli import main
from app.reach.kinds import WECHAT

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def menu(office: Office, *arguments: str, **env: str) -> Result:
    """Run the command as the operator does."""
    known = {"DATABASE_URL": office.config.database_url, "SECRET_KEY": office.config.secret_key, "DEMO": "1"}
    return CliRunner().invoke(main, ["wechat-menu", *arguments], env=known | {"PUBLIC_URL": ""} | env)


def test_the_menu_is_published_shown_and_deleted(office: Office) -> None:
    office.set_up(WECHAT)
    assert menu(office, "dalad", "show").output == "公众号还没有菜单。\n"
    done = menu(office, "dalad", "publish", PUBLIC_URL="https://app.example.org/")
    assert done.exit_code == 0 and "已发布" in done.output
    shown = menu(office, "dalad", "show").output
    assert shown.splitlines() == ["上门办\thttps://app.example.org", "待办\t发送“待办”", "帮助\t发送“帮助”"]
    assert menu(office, "dalad", "publish", "--url", "https://other.example.org").exit_code == 0
    assert "https://other.example.org" in menu(office, "dalad", "show").output
    assert "已删除" in menu(office, "dalad", "delete").output and office.wechat.menu is None


def test_a_menu_with_inner_buttons_is_shown_with_them(office: Office) -> None:
    office.set_up(WECHAT)
    office.wechat.menu = {"button": [{"name": "服务", "sub_button": [{"name": "查询", "type": "click", "key": "Q"}]}]}
    assert menu(office, "dalad", "show").output == "服务\n  查询\t发送“Q”\n"


def test_what_goes_wrong_is_said_by_what_it_means(office: Office) -> None:
    def refused(*arguments: str, **env: str) -> str:
        found = menu(office, *arguments, **env)
        assert found.exit_code == 1 and "Traceback" not in found.output
        return found.output

    assert "尚未建立" in refused("nowhere", "show")
    assert "尚未启用" in refused("dalad", "show")
    office.set_up(WECHAT)
    assert "PUBLIC_URL" in refused("dalad", "publish")
    for code, words in ((48001, "没有此接口的权限"), (40164, "IP 白名单"), (40018, "名称过长"), (-1, "系统繁忙")):
        office.wechat.moods.codes = [code]
        assert words in refused("dalad", "publish", "--url", "https://app.example.org")
    office.wechat.moods.down = True
    assert "连不上" in refused("dalad", "show")
    assert "SECRET_KEY" in refused("dalad", "show", SECRET_KEY="another-" + "k" * 32)


def test_a_token_that_ended_is_renewed_on_the_way(office: Office) -> None:
    office.set_up(WECHAT)
    assert menu(office, "dalad", "show").exit_code == 0
    office.wechat.expire()
    assert menu(office, "dalad", "delete").exit_code == 0
