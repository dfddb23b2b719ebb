"""What stands on the screen when everything runs."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

from . import network
from .steps import say

_COLUMNS = (("role", "角色"), ("name", "姓名"), ("unit", "单位"), ("phone", "手机号"), ("password", "密码"))


def print_ready(
    env: Mapping[str, str], redis: str, accounts: Sequence[Mapping[str, str]], certificate_port: int | None,
    seconds: float,
) -> None:  # fmt: skip
    """Address, accounts for each role, where the logs are, and how to stop."""
    scheme, url = "https" if "TLS_CERT" in env else "http", shown_url(env)
    say(f"\n上门办已就绪（{seconds:.1f} 秒）：{url}/")
    if env["HOST"] in ("0.0.0.0", "::"):
        for address in network.lan_addresses():
            say(f"  局域网地址：{scheme}://{address}:{env['PORT']}/")
            if certificate_port:
                say(f"  手机先安装证书：http://{address}:{certificate_port}/doorstep-ca.crt（步骤见 README）")
    if accounts:
        place = accounts[0].get("place")
        say(f"\n演示账号（{place}）：")
        _print_table([row for row in accounts if row.get("place") == place])
        others = dict.fromkeys(str(row.get("place")) for row in accounts if row.get("place") != place)
        if others:
            say(f"  {'、'.join(others)}的演示账号：在登录页点“演示账号”选用，密码相同")
        say(f"\n演示手机（微信、短信、群机器人，均为本机仿真；可看提醒逐级上报）：{url}/demo")
    say(f"\n接口文档：{url}/docs · 数据与日志：{env['VAR_DIR']} · {redis}")
    say("停止：按 Ctrl-C")


def shown_url(env: Mapping[str, str]) -> str:
    """Where a person at this machine opens the product."""
    return f"{'https' if 'TLS_CERT' in env else 'http'}://{_shown_host(env['HOST'])}:{env['PORT']}"


def _shown_host(host: str) -> str:
    if host in ("0.0.0.0", "::"):
        return "localhost"
    return f"[{host}]" if ":" in host else host


def _print_table(rows: Sequence[Mapping[str, str]]) -> None:
    columns = [(key, title) for key, title in _COLUMNS if any(row.get(key) for row in rows)]
    table = [[title for _, title in columns]] + [[str(row.get(key) or "") for key, _ in columns] for row in rows]
    widths = [max(_width(line[index]) for line in table) for index in range(len(columns))]
    for line in table:
        say("  " + "  ".join(cell + " " * (widths[index] - _width(cell)) for index, cell in enumerate(line)).rstrip())


def _width(text: str) -> int:
    """Columns on a terminal, where Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
