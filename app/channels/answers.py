"""What the services' codes mean for us, as tables: one line a code, in words an administrator can act on. Pure.

What no table knows is tried again later: a service may invent a code any day, and attempts are bounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from app.channels.channel import TAKEN, Outcome, Result

GONE, REFUSED, NEXT, NEVER, LATER = Result.GONE, Result.REFUSED, Result.NEXT, Result.NEVER, Result.LATER
MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What follows from a code; `renew`: get a new token and try once more before anything else."""

    result: Result
    words: str
    wait: timedelta | None = None
    renew: bool = False


def _stale(words: str = "凭证过期，已换新") -> Meaning:
    return Meaning(LATER, words, MINUTE, renew=True)


WECHAT: Final[Mapping[int, Meaning]] = {
    -1: Meaning(LATER, "微信系统繁忙", MINUTE),
    40001: _stale(),
    40014: _stale(),
    41001: _stale(),
    42001: _stale(),
    40003: Meaning(GONE, "openid 无效，已解除绑定"),
    43004: Meaning(REFUSED, "对方未关注公众号"),
    43019: Meaning(REFUSED, "对方已将公众号拉黑"),
    43101: Meaning(REFUSED, "对方未订阅或已拒收该通知"),
    45015: Meaning(NEXT, "超过 48 小时未互动，不能发客服消息"),
    45047: Meaning(NEXT, "客服消息条数已达上限"),
    45009: Meaning(LATER, "接口调用次数已达当日上限", HOUR),
    45011: Meaning(LATER, "调用太频繁", MINUTE),
    45028: Meaning(NEXT, "群发额度已用完"),
    40013: Meaning(NEVER, "AppID 不正确"),
    40125: Meaning(NEVER, "AppSecret 不正确"),
    40164: Meaning(NEVER, "服务器 IP 不在公众号的 IP 白名单中"),
    40037: Meaning(NEVER, "模板编号不正确"),
    40039: Meaning(NEVER, "链接过长"),
    40016: Meaning(NEVER, "菜单须有 1 至 3 个按钮"),
    40018: Meaning(NEVER, "菜单按钮的名称过长"),
    40020: Meaning(NEVER, "菜单按钮的链接过长"),
    40054: Meaning(NEVER, "菜单按钮的链接域名不合规"),
    40155: Meaning(NEVER, "菜单不能链接到其他公众号的主页"),
    65400: Meaning(NEVER, "公众号尚未开通这一功能"),
    46003: Meaning(NEVER, "公众号还没有菜单"),
    47003: Meaning(NEVER, "模板的字段与内容不符"),
    48001: Meaning(NEVER, "公众号没有此接口的权限"),
    48004: Meaning(NEVER, "接口已被微信封禁"),
    50002: Meaning(NEVER, "公众号被限制使用"),
}
WECOM: Final[Mapping[int, Meaning]] = {
    -1: Meaning(LATER, "企业微信系统繁忙", MINUTE),
    40014: _stale(),
    41001: _stale(),
    42001: _stale(),
    81013: Meaning(GONE, "成员不存在或不在可见范围，已解除绑定"),
    60111: Meaning(GONE, "成员账号不存在，已解除绑定"),
    40003: Meaning(GONE, "成员账号无效，已解除绑定"),
    45009: Meaning(LATER, "调用太频繁", MINUTE),
    45033: Meaning(LATER, "并发调用过多", MINUTE),
    40001: Meaning(NEVER, "应用 Secret 不正确"),
    40013: Meaning(NEVER, "企业 ID 不正确"),
    40056: Meaning(NEVER, "应用 AgentId 不正确"),
    45002: Meaning(NEVER, "消息过长"),
    48002: Meaning(NEVER, "应用没有此接口的权限"),
    60011: Meaning(NEVER, "应用没有发送给该成员的权限"),
    60020: Meaning(NEVER, "服务器 IP 不在应用的可信 IP 中"),
    301002: Meaning(NEVER, "应用没有此操作的权限"),
}
DINGTALK: Final[Mapping[int, Meaning]] = {
    -1: Meaning(LATER, "钉钉系统繁忙", MINUTE),
    130101: Meaning(LATER, "每分钟最多 20 条，已超", MINUTE),
    410100: Meaning(LATER, "发送太快被限流", 10 * MINUTE),
    400013: Meaning(GONE, "群已解散，机器人已移除"),
    400101: Meaning(GONE, "机器人地址失效，已移除"),
    400106: Meaning(GONE, "机器人已被删除，已移除"),
    400102: Meaning(REFUSED, "机器人已停用"),
    300001: Meaning(NEVER, "机器人地址缺少 access_token"),
    310000: Meaning(NEVER, "安全设置不符（关键词、加签或 IP）"),
    400105: Meaning(NEVER, "机器人不支持此类消息"),
    40035: Meaning(NEVER, "缺少参数"),
    430101: Meaning(NEVER, "消息含不安全的外链"),
    430102: Meaning(NEVER, "消息含不合适的内容"),
    430103: Meaning(NEVER, "消息含不合适的内容"),
    430104: Meaning(NEVER, "消息含不合适的内容"),
    43004: Meaning(NEVER, "消息格式不符"),
}
SAFETY: Final = 310000
_SAFETY: Final = (
    ("keyword", "消息里没有群机器人要求的关键词，请在渠道设置中填写“自定义关键词”"),
    ("timestamp", "加签的时间不对，请校准服务器时间"),
    ("sign", "加签不符，请核对机器人的加签密钥"),
    ("whitelist", "服务器 IP 不在机器人的白名单中"),
)
"""What DingTalk says beside the one code for all of its safety settings, and what is to be done."""
FEISHU: Final[Mapping[int, Meaning]] = {
    11232: Meaning(LATER, "发送太快被限流", MINUTE),
    11233: Meaning(LATER, "飞书系统繁忙", MINUTE),
    19001: Meaning(GONE, "机器人地址失效，已移除"),
    19021: Meaning(NEVER, "加签不符"),
    19022: Meaning(NEVER, "服务器 IP 不在机器人的白名单中"),
    19024: Meaning(NEVER, "缺少机器人要求的关键词"),
    19002: Meaning(NEVER, "消息格式不符"),
    9499: Meaning(NEVER, "消息格式不符"),
}
WECOMBOT: Final[Mapping[int, Meaning]] = {
    -1: Meaning(LATER, "企业微信系统繁忙", MINUTE),
    45009: Meaning(LATER, "每分钟最多 20 条，已超", MINUTE),
    93000: Meaning(GONE, "机器人地址失效，已移除"),
    93004: Meaning(GONE, "机器人已被移除"),
    93008: Meaning(GONE, "机器人不在群里，已移除"),
    40008: Meaning(NEVER, "消息格式不符"),
    40058: Meaning(NEVER, "消息格式不符"),
    44004: Meaning(NEVER, "消息为空"),
    45002: Meaning(NEVER, "消息过长"),
}
SMS: Final[Mapping[str, Meaning]] = {
    "busy": Meaning(LATER, "短信网关繁忙", MINUTE),
    "rate_limited": Meaning(LATER, "短信发送太频繁", 10 * MINUTE),
    "quota_exceeded": Meaning(NEXT, "该号码当日短信已达上限"),
    "invalid_number": Meaning(NEXT, "手机号无效，请在通讯录中核对"),
    "unsubscribed": Meaning(NEXT, "该号码已退订短信"),
    "no_balance": Meaning(NEVER, "短信余额不足"),
    "bad_signature": Meaning(NEVER, "短信网关不认可签名，请核对密钥"),
    "bad_template": Meaning(NEVER, "短信模板未通过审核或参数不符"),
    "forbidden": Meaning(NEVER, "短信账号没有权限"),
}
MAIL: Final[Mapping[int, Meaning]] = {
    450: Meaning(LATER, "对方邮箱暂不可用", 5 * MINUTE),
    451: Meaning(LATER, "邮件服务器暂时出错", 5 * MINUTE),
    452: Meaning(LATER, "邮件服务器空间不足", HOUR),
    421: Meaning(LATER, "邮件服务器暂停服务", 5 * MINUTE),
    550: Meaning(GONE, "邮箱不存在，已解除绑定"),
    551: Meaning(GONE, "邮箱不在此服务器，已解除绑定"),
    553: Meaning(GONE, "邮箱地址无效，已解除绑定"),
    552: Meaning(NEXT, "对方邮箱已满"),
    554: Meaning(NEXT, "邮件被对方拒收"),
    530: Meaning(NEVER, "邮件服务器要求先登录"),
    535: Meaning(NEVER, "邮箱账号或授权码不正确"),
}


def outcome_of(table: Mapping[Any, Meaning], service: str, code: Any, message: str = "") -> Outcome:
    """Return what a service's code means; 0 (and "ok") is success."""
    if code in (0, "0", "ok"):
        return TAKEN
    meaning = table.get(code)
    if meaning is None:
        return Outcome(LATER, f"{service}返回未知代码 {code} {message}".strip()[:200], code=str(code))
    words = meaning.words
    if table is DINGTALK and code == SAFETY:
        words = next((found for part, found in _SAFETY if part in message.lower()), words)
    return Outcome(meaning.result, f"{words}（{code}）", meaning.wait, str(code))


def renews(table: Mapping[Any, Meaning], code: Any) -> bool:
    """Return whether the token has run out and a new one will do."""
    meaning = table.get(code)
    return meaning is not None and meaning.renew


def of_status(status: int, wait: timedelta | None = None) -> Outcome | None:
    """Return what an HTTP status alone says; None for success, where the body has the say."""
    if 200 <= status < 300:
        return None
    if status in (408, 425, 429) or status >= 500:
        return Outcome(LATER, f"http {status}", wait, str(status))
    return Outcome(NEVER, f"http {status}", code=str(status))
