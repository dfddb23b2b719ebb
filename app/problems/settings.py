"""Refusals: channels, profiles, calendar, reminders, findings, the demonstration; part of `app.problems`. Pure."""

from __future__ import annotations

from typing import Final

SETTINGS: Final[dict[str, tuple[int, str]]] = {
    # --- channels
    "channel_unknown": (404, "没有“{channel}”这种通知渠道，请从列表中选择。"),
    "channel_field_wrong": (422, "“{field}”有误：{reason}，请改正后保存。"),
    "channel_url_refused": (422, "“{field}”不能使用：须是 https 的公网地址；内网地址须由运维人员加入 INSIDE_HOSTS。"),
    "channel_form_wrong": (422, "字段对应有误：“{part}”。请写作 字段=内容，内容只能是：{facts}。"),
    "channel_incomplete": (422, "启用“{label}”前请填写：{fields}。"),
    "channel_off": (409, "“{label}”尚未启用，请联系管理员。"),
    "channel_unreachable": (502, "“{label}”没有接受：{why}。请按提示处理后重试。"),
    "channel_no_contact": (409, "还没有可供测试的“{label}”收件方，请先在“我的”中绑定，或为单位添加群机器人。"),
    "binding_over": (410, "绑定已超时或已用过，请回到“我的”重新绑定。"),
    "mail_code_wrong": (422, "验证码不正确或已过期，请核对或重新获取。"),
    "callback_refused": (403, "消息校验未通过，未作任何处理，请核对公众号后台的 Token 与 EncodingAESKey。"),
    "contact_not_found": (404, "没有找到这个联系方式，可能已解除绑定，请刷新后重试。"),
    "contact_taken": (409, "这个地址已被使用，请核对。"),
    "delivery_not_found": (404, "没有找到这条发送记录，请刷新后重新选择。"),
    "delivery_not_failed": (409, "这条提醒{state}，不必重发。"),
    # --- profiles and calendar
    "policy_not_found": (404, "没有找到这份规则，请从“本地规定”中选择；您只能查看本地的规则。"),
    "policy_text_lost": (404, "第 {policy_id} 版没有保留原文，请从随产品提供的配置文件开始修改。"),
    "policy_invalid": (422, "这份规则不能发布：{where}，{reason}。请改正后再试。"),
    "calendar_year_known": (422, "{year} 年的节假日安排已经公布，请逐日更正。"),
    "calendar_year_unknown": (422, "{year} 年的节假日安排尚未公布，请先公布全年安排。"),
    "calendar_day_wrong": (422, "{day} 有误：{reason}。请改正后重新提交。"),
    # --- reminders
    "notice_not_found": (404, "没有找到这条提醒，可能已被清理，请刷新后查看。"),
    "push_unavailable": (404, "本系统未开通消息推送，提醒请看“提醒”页。"),
    "push_endpoint_refused": (422, "浏览器给出的推送地址不可用，本机无法接收推送；提醒请看“提醒”页。"),
    "nudged_already": (409, "刚刚催办过，{minutes} 分钟后可再催；着急请直接打电话。"),
    "push_not_subscribed": (409, "本机尚未开启推送，请先开启再测试。"),
    # --- findings
    "finding_not_found": (404, "没有找到这条疑点，可能不在您的查看范围内，请刷新后查看。"),
    "finding_state_wrong": (409, "这条疑点现在是“{state}”，请刷新后查看。"),
    "quiet_wrong": (422, "免打扰须写明起止时间，且最长 {hours} 小时，请重新选择。"),
    # --- demonstration
    "demo_stage_away": (503, "演示用的微信、短信等服务没有在运行，请用 make run 启动演示后再试。"),
    "demo_not_seeded": (409, "这里没有演示数据，请先执行 doorstep demo。"),
    "demo_way_back_wrong": (422, "返回地址不是本系统的，请回到“我的 → 通知渠道”重新绑定。"),
}
