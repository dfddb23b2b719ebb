"""What an administrator fills in for each channel: fields, which are secret, and what is right for most. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.reach.kinds import DINGTALK, FEISHU, MAIL, SMS, WECHAT, WECOM, WECOMBOT


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `usual` is taken where nothing is written; `kind`: text, url, number, form or choice."""

    name: str
    label: str
    kind: str = "text"
    secret: bool = False
    needed: bool = True
    usual: str = ""
    hint: str = ""
    choices: tuple[tuple[str, str], ...] = ()


_FORM_HINT: Final = "每个字段写作 字段=内容，用分号隔开，如 thing1=title;time2=due_time"
FIELDS: Final[Mapping[str, tuple[Field, ...]]] = {
    WECHAT: (
        Field("app_id", "AppID"),
        Field("app_secret", "AppSecret", secret=True),
        Field("token", "消息校验 Token", secret=True, needed=False),
        Field("aes_key", "EncodingAESKey", secret=True, needed=False, hint="43 位，与公众号后台一致"),
        Field("template_id", "模板消息编号", needed=False),
        Field("template_form", "模板字段", "form", needed=False, usual="thing1=title;time2=due_time", hint=_FORM_HINT),
        Field(
            "plain_id",
            "无截止时间的模板编号",
            needed=False,
            hint="日提醒、换班等没有截止时间；上面的模板要填截止时间的，这类提醒用这个模板",
        ),
        Field("plain_form", "无截止时间的模板字段", "form", needed=False, usual="thing1=title;time2=at_time"),
        Field("subscribe_id", "订阅通知编号", needed=False),
        Field("subscribe_form", "订阅通知字段", "form", needed=False, usual="thing1=title;time2=due_time"),
        Field("host", "接口地址", "url", usual="https://api.weixin.qq.com"),
        Field("auth_host", "网页授权地址", "url", usual="https://open.weixin.qq.com"),
    ),
    WECOM: (
        Field("corp_id", "企业 ID"),
        Field("agent_id", "应用 AgentId", "number"),
        Field("secret", "应用 Secret", secret=True),
        Field("host", "接口地址", "url", usual="https://qyapi.weixin.qq.com", hint="政务微信填本地政务微信的地址"),
        Field("auth_host", "网页授权地址", "url", usual="https://open.weixin.qq.com"),
    ),
    SMS: (
        Field("url", "网关地址", "url"),
        Field("account", "账号", needed=False),
        Field("secret", "签名密钥", secret=True),
        Field("sign_name", "短信签名", needed=False, hint="如 达拉特旗12345"),
        Field("template_id", "短信模板编号", needed=False),
        Field("template_form", "模板字段", "form", needed=False, usual="number=number;due=due", hint=_FORM_HINT),
    ),
    MAIL: (
        Field("host", "SMTP 服务器"),
        Field("port", "端口", "number", usual="465"),
        Field(
            "security",
            "加密方式",
            "choice",
            usual="tls",
            choices=(("tls", "SSL/TLS"), ("starttls", "STARTTLS"), ("none", "不加密（仅限内网）")),
        ),
        Field("user", "账号", needed=False),
        Field("password", "密码或授权码", secret=True, needed=False),
        Field("sender", "发件邮箱"),
        Field("sender_name", "发件人名称", needed=False, usual="上门办"),
    ),
    DINGTALK: (Field("keyword", "自定义关键词", needed=False, hint="机器人安全设置为关键词时填写"),),
    FEISHU: (Field("keyword", "自定义关键词", needed=False),),
    WECOMBOT: (Field("keyword", "前缀", needed=False),),
}


def options_of(channel: str, given: Mapping[str, str]) -> dict[str, str]:
    """Return the channel's options as they work: what was given, and what is usual where nothing was."""
    return {f.name: given.get(f.name) or f.usual for f in FIELDS[channel] if not f.secret}


def secrets_of(channel: str) -> tuple[str, ...]:
    """Return the names of the channel's secrets."""
    return tuple(f.name for f in FIELDS[channel] if f.secret)


def missing(channel: str, options: Mapping[str, str], secrets: Mapping[str, str]) -> list[str]:
    """Return the labels of fields that are needed and empty."""
    full = {**options_of(channel, options), **secrets}
    return [f.label for f in FIELDS[channel] if f.needed and not full.get(f.name)]
